"""A download ends whole or says why not, whatever the server does."""

import shutil
from contextlib import contextmanager

import pytest

from convert.errors import SourceError
from convert.fetch import Patience, fetch
from convert.progress import Silence

CONTENT = bytes(range(256)) * 400
SIZE = len(CONTENT)
QUICK = Patience(attempts=3, pause=0.01, connect=2.0, silence=0.3)


class Listener(Silence):
    """Remembers what was said and counted."""

    def __init__(self, interrupt_after=None):
        self.said, self.counted, self.interrupt_after = [], [], interrupt_after

    def say(self, text):
        self.said.append(text)

    @contextmanager
    def count(self, label, total, unit):
        done = 0

        def tick(amount=1):
            nonlocal done
            done += amount
            if self.interrupt_after is not None and done > self.interrupt_after:
                raise KeyboardInterrupt

        yield tick
        self.counted.append((label, total, unit, done))


@pytest.fixture
def part(tmp_path):
    return tmp_path / "model.pb.part"


def bring(url, part, *, size=SIZE, progress=None, patience=QUICK):
    fetch(url, part, size=size, progress=progress or Listener(), patience=patience)
    return part.read_bytes()


@pytest.mark.parametrize("size", [SIZE, None])
@pytest.mark.parametrize("length", ["true", None])
def test_a_file_arrives_whole_with_or_without_known_sizes(site, part, size, length):
    assert bring(site.page("/model.pb", CONTENT, length=length), part, size=size) == CONTENT


def test_progress_counts_the_bytes_of_the_whole_file(site, part):
    listener = Listener()
    bring(site.page("/model.pb", CONTENT), part, progress=listener)
    assert listener.counted == [("model.pb", SIZE, "B", SIZE)]


def test_a_broken_download_goes_on_where_it_broke(site, part):
    url = site.page("/model.pb", CONTENT, etag='"one"', turns=[{"break_after": 1000}])
    assert bring(url, part) == CONTENT
    assert site.ranges() == [None, "bytes=1000-"]
    assert site.requests[1][1]["If-Range"] == '"one"'


def test_a_weak_etag_is_not_named_in_if_range(site, part):
    url = site.page("/model.pb", CONTENT, etag='W/"one"', turns=[{"break_after": 1000}])
    assert bring(url, part) == CONTENT
    assert "If-Range" not in site.requests[1][1]


@pytest.mark.parametrize("heeds", [True, False], ids=["heeds If-Range", "ignores If-Range"])
def test_a_file_that_changes_after_a_break_arrives_whole_in_its_new_form(site, part, heeds):
    old = {"content": b"\1" * SIZE, "etag": '"old"', "break_after": 1000}
    url = site.page("/model.pb", CONTENT, etag='"new"', heeds_if_range=heeds, turns=[old])
    assert bring(url, part) == CONTENT


def test_a_server_without_ranges_sends_all_anew(site, part):
    url = site.page("/model.pb", CONTENT, ranges=False, turns=[{"break_after": 1000}])
    assert bring(url, part) == CONTENT


def test_a_part_that_was_not_asked_for_is_not_taken(site, part):
    wrong = {"headers": {"Content-Range": f"bytes 7-{SIZE - 1}/{SIZE}"}}
    url = site.page("/model.pb", CONTENT, turns=[{"break_after": 1000}, wrong])
    assert bring(url, part) == CONTENT
    assert site.ranges() == [None, "bytes=1000-", None]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_failure_is_tried_again(site, part, status):
    listener = Listener()
    url = site.page("/model.pb", CONTENT, turns=[{"status": status}, {"status": status}])
    assert bring(url, part, progress=listener) == CONTENT
    assert f"HTTP {status}" in listener.said[0]
    assert "trying again in" in listener.said[0]


@pytest.mark.parametrize("status", [204, 401, 403, 404, 410])
def test_a_lasting_failure_is_not_tried_again(site, part, status):
    with pytest.raises(SourceError, match=f"/model.pb: HTTP {status}"):
        bring(site.page("/model.pb", b"", status=status), part)
    assert len(site.requests) == 1
    assert not part.exists()


def test_a_server_that_stays_broken_is_given_up(site, part):
    with pytest.raises(SourceError, match=r"HTTP 503 .*\(3 tries in vain\)"):
        bring(site.page("/model.pb", status=503), part)
    assert len(site.requests) == 3


def test_a_line_that_breaks_often_is_not_given_up_while_bytes_arrive(site, part):
    breaks = [{"break_after": SIZE // 10}] * 8
    url = site.page("/model.pb", CONTENT, turns=breaks)
    assert bring(url, part, patience=Patience(attempts=2, pause=0.001)) == CONTENT


def test_a_server_without_ranges_that_always_breaks_is_given_up(site, part):
    url = site.page("/model.pb", CONTENT, ranges=False, break_after=1000)
    with pytest.raises(SourceError, match="3 tries in vain"):
        bring(url, part)
    assert len(site.requests) == 3


def test_a_server_that_falls_silent_is_asked_again(site, part):
    url = site.page("/model.pb", CONTENT, turns=[{"hang_after": 1000}])
    assert bring(url, part) == CONTENT
    assert site.ranges() == [None, "bytes=1000-"]


def test_a_host_that_does_not_answer_is_named_after_a_second_knock(part):
    with pytest.raises(SourceError, match=r"^http://127\.0\.0\.1:9/model\.pb: .+\(2 tries in vain"):
        bring("http://127.0.0.1:9/model.pb", part)


def test_redirects_are_followed(site, part):
    url = site.page("/here", status=302, headers={"Location": "/there"})
    site.page("/there", CONTENT, turns=[{"break_after": 1000}])
    assert bring(url, part) == CONTENT
    assert site.paths() == ["/here", "/there"] * 2


@pytest.mark.parametrize("location", ["/here", "ftp://127.0.0.1/model.pb", "file:///etc/hostname"])
def test_redirects_that_lead_nowhere_end_at_once(site, part, location):
    url = site.page("/here", status=302, headers={"Location": location})
    listener = Listener()
    with pytest.raises(SourceError, match="/here: "):
        bring(url, part, progress=listener)
    assert not listener.said
    assert not part.exists()


@pytest.mark.parametrize("length", [SIZE + 1, SIZE - 1])
def test_a_file_of_another_size_is_refused_before_its_first_byte(site, part, length):
    with pytest.raises(SourceError, match=f"{length:,} bytes there, {SIZE:,} are expected"):
        bring(site.page("/model.pb", CONTENT, length=length), part)
    assert not part.exists()


def test_a_body_that_does_not_end_is_cut_off_at_the_expected_size(site, part):
    url = site.page("/model.pb", CONTENT * 3, length=None)
    with pytest.raises(SourceError, match=f"more than the expected {SIZE:,} bytes"):
        bring(url, part)
    assert not part.exists()


def test_an_end_before_the_expected_size_is_a_break(site, part):
    cut = {"length": None, "break_after": 1000}
    assert bring(site.page("/model.pb", CONTENT, turns=[cut]), part) == CONTENT
    assert site.ranges() == [None, "bytes=1000-"]


def test_a_content_length_that_promises_too_much_is_settled_by_the_next_answer(site, part):
    url = site.page("/model.pb", CONTENT, turns=[{"length": SIZE + 10}])
    assert bring(url, part, size=None) == CONTENT
    assert site.ranges() == [None, f"bytes={SIZE}-"]


def test_what_an_earlier_run_left_is_gone_on_with(site, part):
    part.write_bytes(CONTENT[:1000])
    listener = Listener()
    assert bring(site.page("/model.pb", CONTENT), part, progress=listener) == CONTENT
    assert site.ranges() == ["bytes=1000-"]
    assert listener.counted == [("model.pb", SIZE, "B", SIZE)]


def test_a_complete_part_is_not_asked_for(site, part):
    part.write_bytes(CONTENT)
    assert bring(site.page("/model.pb", CONTENT), part) == CONTENT
    assert not site.requests


def test_a_complete_part_of_unknown_size_costs_one_question(site, part):
    part.write_bytes(CONTENT)
    assert bring(site.page("/model.pb", CONTENT), part, size=None) == CONTENT
    assert site.ranges() == [f"bytes={SIZE}-"]


def test_a_part_larger_than_the_file_is_dropped(site, part):
    part.write_bytes(CONTENT * 2)
    assert bring(site.page("/model.pb", CONTENT), part) == CONTENT
    part.write_bytes(CONTENT * 2)
    assert bring(site.page("/model.pb", CONTENT), part, size=None) == CONTENT


def test_ctrl_c_leaves_a_part_that_the_next_run_goes_on_with(site, part):
    url = site.page("/model.pb", CONTENT)
    with pytest.raises(KeyboardInterrupt):
        bring(url, part, progress=Listener(interrupt_after=0))
    begun = part.stat().st_size
    assert begun > 0
    assert bring(url, part) == CONTENT


def test_no_compressed_copy_is_asked_for(site, part):
    bring(site.page("/model.pb", CONTENT), part)
    assert site.requests[0][1]["Accept-Encoding"] == "identity"


def test_a_password_in_a_url_is_used_and_not_shown(site, part):
    url = site.page("/model.pb", status=404).replace("http://", "http://someone:secret@")
    with pytest.raises(SourceError) as error:
        bring(url, part)
    assert site.requests[0][1]["Authorization"].startswith("Basic ")
    assert "secret" not in str(error.value)


def test_a_proxy_that_cannot_be_used_is_an_error_and_no_traceback(site, part, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "gopher://localhost:1")
    with pytest.raises(SourceError, match="PROXY"):
        bring(site.page("/model.pb", CONTENT), part)


def test_a_full_disk_is_told_before_the_first_byte(site, part, monkeypatch):
    usage = shutil.disk_usage(part.parent)._replace(free=SIZE - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(SourceError, match=f"{SIZE:,} bytes are to be written"):
        bring(site.page("/model.pb", CONTENT), part)
    assert not part.exists() or not part.stat().st_size


def test_the_pauses_double_and_stay_bounded():
    patience = Patience(pause=0.5)
    for failures in range(1, 20):
        exact = 0.5 * 2 ** (failures - 1)
        pauses = [patience.pause_after(failures) for _ in range(50)]
        assert all(min(exact / 2, 30) <= pause <= min(exact * 1.5, 30) for pause in pauses)
