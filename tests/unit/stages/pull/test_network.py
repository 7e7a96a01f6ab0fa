"""A file comes from the first URL that has it, whole, or not at all."""

import threading
from contextlib import contextmanager

import pytest

from convert.errors import SourceError
from convert.progress import Silence

from .wanted import (
    CLOSED,
    CONTENT,
    FREE,
    Listener,
    bring,
    mirror_with,
    recipe,
    sha,
    visible,
)


def test_a_file_lands_read_only_under_its_own_name(site, raw):
    url = site.page("/a/model.pb", CONTENT)
    pulled = bring(recipe(url), raw)
    assert pulled.path == raw / "tiny" / "model.pb"
    assert pulled.path.read_bytes() == CONTENT
    assert pulled.path.stat().st_mode & 0o222 == 0
    assert (pulled.sha256, pulled.bytes) == (sha(CONTENT), len(CONTENT))
    assert (pulled.license, pulled.origin) == (FREE, url)


def test_a_second_run_fetches_nothing_and_still_knows_the_origin(site, raw):
    wanted = recipe(site.page("/model.pb", CONTENT))
    first = bring(wanted, raw)
    assert bring(wanted, raw) == first
    assert len(site.requests) == 1


def test_the_next_url_is_tried_where_one_fails(site, raw):
    urls = [CLOSED, site.page("/gone", status=404), site.page("/good.pb", CONTENT)]
    pulled = bring(recipe(*urls), raw)
    assert pulled.origin == urls[2]
    assert pulled.path.name == "model.pb"


def test_wrong_bytes_are_told_deleted_and_the_next_url_is_tried(site, raw):
    listener = Listener()
    urls = site.page("/model.pb", b"<html>Sign in</html>"), site.page("/other", CONTENT)
    assert bring(recipe(*urls), raw, progress=listener).origin == urls[1]
    assert any(urls[0] in line and sha(CONTENT) in line for line in listener.said)


def test_wrong_bytes_alone_leave_nothing_behind(site, raw):
    with pytest.raises(SourceError) as error:
        bring(recipe(site.page("/model.pb", b"wrong")), raw)
    for word in (sha(b"wrong"), sha(CONTENT), f"{site.host}/model.pb"):
        assert word in error.value.message
    assert visible(raw / "tiny") == []


def test_either_digest_is_enough_and_both_must_hold(site, raw):
    url = site.page("/model.pb", CONTENT)
    long = sha(CONTENT, "sha384")
    with pytest.raises(SourceError, match="sha384"):
        bring(recipe(url, sha384="0" * 96), raw)
    assert bring(recipe(url, sha256=None, sha384=long), raw).path.exists()


def test_a_download_that_broke_off_is_gone_on_with_by_the_next_run(site, raw):
    url = site.page("/model.pb", CONTENT, turns=[{"break_after": 1000}, {"status": 404}])
    with pytest.raises(SourceError):
        bring(recipe(url), raw)
    assert visible(raw / "tiny") == ["model.pb.part"]
    bring(recipe(url), raw)
    assert site.ranges()[-1] == "bytes=1000-"
    assert visible(raw / "tiny") == ["model.pb", "model.pb.source.json"]


class Impatient(Silence):
    """A user who presses Ctrl-C when the first bytes are there."""

    @contextmanager
    def count(self, label, total, unit):
        def tick(amount=1):
            if amount:
                raise KeyboardInterrupt

        yield tick


def test_ctrl_c_leaves_only_a_part_that_the_next_run_goes_on_with(site, raw):
    url = site.page("/model.pb", CONTENT)
    with pytest.raises(KeyboardInterrupt):
        bring(recipe(url), raw, progress=Impatient())
    assert visible(raw / "tiny") == ["model.pb.part"]
    assert bring(recipe(url), raw).path.read_bytes() == CONTENT
    assert visible(raw / "tiny") == ["model.pb", "model.pb.source.json"]


def test_ctrl_c_while_a_mirrors_file_is_copied_leaves_nothing(raw, tmp_path):
    mirror = mirror_with(tmp_path / "m", "127.0.0.1:9/model.pb", CONTENT)
    with pytest.raises(KeyboardInterrupt):
        bring(recipe(CLOSED), raw, mirror=mirror, progress=Impatient())
    assert visible(raw / "tiny") == []


def test_what_one_url_began_another_ends(site, raw):
    first = site.page("/model.pb", CONTENT, turns=[{"break_after": 1000}, {"status": 404}])
    second = site.page("/second.pb", CONTENT)
    assert bring(recipe(first, second), raw).origin == second
    assert site.ranges()[-1] == "bytes=1000-"


def test_a_beginning_of_another_file_costs_one_more_download_and_no_error(site, raw):
    url = site.page("/model.pb", CONTENT)
    (raw / "tiny").mkdir(parents=True)
    (raw / "tiny" / "model.pb.part").write_bytes(b"of another version")
    assert bring(recipe(url), raw).path.read_bytes() == CONTENT
    assert site.ranges() == ["bytes=18-", None]


def test_the_recipes_size_bounds_what_is_downloaded(site, raw):
    url = site.page("/model.pb", CONTENT * 2, length=None)
    with pytest.raises(SourceError, match="more than the expected"):
        bring(recipe(url, bytes=len(CONTENT)), raw)
    assert visible(raw / "tiny") == []


def test_a_damaged_file_is_brought_anew(site, raw):
    wanted = recipe(site.page("/model.pb", CONTENT))
    path = bring(wanted, raw).path
    path.chmod(0o644)
    path.write_bytes(b"damaged")
    assert bring(wanted, raw).path.read_bytes() == CONTENT
    assert len(site.requests) == 2


def test_a_damaged_file_that_cannot_be_brought_anew_is_named(raw):
    (raw / "tiny").mkdir(parents=True)
    (raw / "tiny" / "model.pb").write_bytes(b"damaged")
    with pytest.raises(SourceError, match=f"{raw}/tiny/model.pb: sha256 is {sha(b'damaged')}"):
        bring(recipe(CLOSED), raw)


def test_two_runs_at_once_fetch_once(site, raw):
    wanted = recipe(site.page("/model.pb", CONTENT))
    threads = [threading.Thread(target=bring, args=(wanted, raw)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(site.requests) == 1


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "raw").write_text("a file, not a folder")
    with pytest.raises(SourceError, match="raw"):
        bring(recipe(CLOSED), tmp_path / "raw")
