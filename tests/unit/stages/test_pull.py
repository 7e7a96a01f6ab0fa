"""`pull` ends with the recipe's very file in its place, or says how to provide it."""

import hashlib
import io
import tarfile
import threading
from contextlib import contextmanager

import pytest

from convert import bundled as package
from convert.errors import SourceError, UsageError
from convert.fetch import Patience
from convert.preprocessing import Postprocessing, Preprocessing
from convert.progress import Silence
from convert.recipe import Companion, DatasetChoice, License, Recipe, Source, TargetChoice
from convert.stages.pull import pull, pulled
from convert.store import digest_folder

CONTENT = b"frozen graph " * 5_000
MEMBER = "model/frozen_inference_graph.pb"
QUICK = Patience(attempts=2, pause=0.01, connect=2.0, silence=0.5)
CLOSED = "http://127.0.0.1:9/model.pb"
FREE = License(id="Apache-2.0", evidence="LICENSE")
RESTRICTED = License(id="CC-BY-NC-4.0", evidence="README", dated="2024-05-06", restricted=True)


def sha(content, algorithm="sha256"):
    return hashlib.new(algorithm, content).hexdigest()


def recipe(*urls, content=CONTENT, license=FREE, **source):
    source = {"sha256": sha(content), "urls": urls, **source}
    return Recipe(
        name="tiny",
        title="Tiny",
        task="segmentation",
        source=Source(format="frozen_graph", **source),
        license=license,
        preprocessing=Preprocessing(size=(8, 8)),
        postprocessing=Postprocessing(),
        classes=2,
        dataset=DatasetChoice(kind="shapes"),
        metric="miou",
        targets={"tflite": TargetChoice()},
    )


def archive(content=CONTENT):
    """A .tgz that holds `content` at MEMBER."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as opened:
        for name, data in (("model/README", b"hello"), (MEMBER, content)):
            info = tarfile.TarInfo(f"./{name}")
            info.size = len(data)
            opened.addfile(info, io.BytesIO(data))
    return packed.getvalue()


class Listener(Silence):
    def __init__(self):
        self.said = []

    def say(self, text):
        self.said.append(text)


@pytest.fixture
def raw(tmp_path):
    return tmp_path / "models" / "raw"


def bring(wanted, raw, **how):
    return pull(wanted, raw=raw, **{"progress": Silence(), "patience": QUICK, **how})


def visible(folder):
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))


def mirror_with(folder, place, content):
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).write_bytes(content)
    return str(folder)


# From the network


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


# From a mirror


def test_a_mirror_folder_is_asked_before_the_network(site, raw, tmp_path):
    url = site.page("/InputSize%20513px/model.pb", CONTENT)
    mirror = mirror_with(tmp_path / "m", f"{site.host}/InputSize 513px/model.pb", CONTENT)
    pulled = bring(recipe(url), raw, mirror=mirror)
    assert pulled.origin == str(tmp_path / "m" / site.host / "InputSize 513px/model.pb")
    assert pulled.path.stat().st_mode & 0o222 == 0
    assert not site.requests


def test_a_mirror_may_hold_any_of_the_urls(site, raw, tmp_path):
    mirror = mirror_with(tmp_path / "m", "second.example/model.pb", CONTENT)
    urls = site.page("/model.pb", CONTENT), "http://second.example/model.pb"
    assert "second.example" in bring(recipe(*urls), raw, mirror=mirror).origin
    assert not site.requests


def test_a_mirror_may_be_a_url(site, raw):
    site.page("/mirror/example.org/Input%20Size/model.pb", CONTENT)
    url = "http://example.org/Input%20Size/model.pb"
    pulled = bring(recipe(url), raw, mirror=f"http://{site.host}/mirror/")
    assert pulled.origin == f"http://{site.host}/mirror/example.org/Input%20Size/model.pb"


def test_a_mirror_without_the_file_or_with_a_wrong_one_is_passed_over(site, raw, tmp_path):
    url = site.page("/model.pb", CONTENT)
    listener = Listener()
    mirror = mirror_with(tmp_path / "m", f"{site.host}/model.pb", b"wrong")
    assert bring(recipe(url), raw, mirror=mirror, progress=listener).origin == url
    assert any(sha(b"wrong") in line for line in listener.said)


def test_a_url_cannot_lead_out_of_a_mirror(raw, tmp_path):
    mirror_with(tmp_path, "outside/model.pb", CONTENT)
    (tmp_path / "m").mkdir()
    with pytest.raises(UsageError, match="leads outside"):
        bring(
            recipe("http://127.0.0.1/..%2f..%2foutside/model.pb"), raw, mirror=str(tmp_path / "m")
        )


def test_a_mirror_that_is_not_there_is_a_mistake_unless_the_file_is(site, raw):
    wanted = recipe(site.page("/model.pb", CONTENT))
    with pytest.raises(UsageError, match="/no/such"):
        bring(wanted, raw, mirror="/no/such")
    bring(wanted, raw)
    assert bring(wanted, raw, mirror="/no/such").path.exists()


# Offline


def test_offline_with_nothing_cached_tells_what_failed_and_three_ways_out(raw, tmp_path):
    (tmp_path / "m").mkdir()
    urls = CLOSED, "http://127.0.0.1:9/second/model.pb"
    with pytest.raises(SourceError) as error:
        bring(recipe(*urls), raw, mirror=str(tmp_path / "m"))
    assert error.value.exit_code == 3
    for url in urls:
        assert f"{url}: " in error.value.message
    assert f"{tmp_path}/m/127.0.0.1:9/model.pb: no such file" in error.value.message
    for way in (
        f"save it as {tmp_path}/m/127.0.0.1:9/model.pb",
        f"CONVERT_MIRROR={tmp_path}/m",
        f"`convert pull tiny --mirror {tmp_path}/m`",
        "`convert pull tiny --from FILE`",
        f"save it as {raw}/tiny/model.pb",
    ):
        assert way in error.value.hint


def test_each_of_the_three_ways_works(raw, tmp_path):
    wanted = recipe(CLOSED)
    mirror = mirror_with(tmp_path / "m", "127.0.0.1:9/model.pb", CONTENT)
    assert bring(wanted, raw / "1", mirror=mirror).path.exists()
    assert bring(wanted, raw / "2", from_file=tmp_path / "m/127.0.0.1:9/model.pb").path.exists()
    mirror_with(raw / "3" / "tiny", "model.pb", CONTENT)
    assert bring(wanted, raw / "3").origin == str(raw / "3" / "tiny" / "model.pb")


# From a file


def test_a_given_file_is_copied_and_stays_as_it_was(raw, tmp_path):
    given = tmp_path / "any name"
    given.write_bytes(CONTENT)
    pulled = bring(recipe(CLOSED), raw, from_file=given)
    assert (pulled.path.read_bytes(), pulled.origin) == (CONTENT, str(given))
    assert given.stat().st_mode & 0o200


def test_a_wrong_given_file_is_told_and_nothing_else_is_tried(site, raw, tmp_path):
    (tmp_path / "wrong").write_bytes(b"wrong")
    with pytest.raises(SourceError, match=f"--from .*wrong: .*{sha(b'wrong')}.*{sha(CONTENT)}"):
        bring(recipe(site.page("/model.pb", CONTENT)), raw, from_file=tmp_path / "wrong")
    with pytest.raises(UsageError, match="absent: no such file"):
        bring(recipe(CLOSED), raw, from_file=tmp_path / "absent")
    assert not site.requests


# Archives


def test_the_archives_member_lands_and_the_archive_goes(site, raw):
    packed = archive()
    url = site.page("/model.tgz", packed)
    pulled = bring(recipe(url, content=packed, member=MEMBER, bytes=len(packed)), raw)
    assert pulled.path.read_bytes() == CONTENT
    assert (pulled.sha256, pulled.bytes, pulled.origin) == (sha(CONTENT), len(CONTENT), url)
    assert pulled.path.stat().st_mode & 0o222 == 0
    name = "frozen_inference_graph.pb"
    assert visible(raw / "tiny") == [name, f"{name}.source.json"]


@pytest.mark.parametrize("known", [{}, {"member_sha256": sha(CONTENT)}])
def test_an_unpacked_archive_is_not_fetched_again(site, raw, known):
    packed = archive()
    url = site.page("/model.tgz", packed)
    wanted = recipe(url, content=packed, member=MEMBER, **known)
    assert bring(wanted, raw) == bring(wanted, raw)
    assert len(site.requests) == 1


def test_a_recipe_that_names_another_archive_fetches_it(site, raw):
    for content in (CONTENT, b"second version"):
        packed = archive(content)
        wanted = recipe(site.page("/m.tgz", packed), content=packed, member=MEMBER)
        assert bring(wanted, raw).path.read_bytes() == content


def test_an_archive_of_the_wrong_digest_is_never_opened(site, raw):
    wanted = recipe(site.page("/model.tgz", archive(b"evil")), content=archive(), member=MEMBER)
    with pytest.raises(SourceError, match="not the recipe's file"):
        bring(wanted, raw)
    assert visible(raw / "tiny") == []


def test_a_member_of_the_wrong_digest_does_not_land(site, raw):
    packed = archive()
    url = site.page("/model.tgz", packed)
    with pytest.raises(SourceError, match=f"its member {MEMBER} is not the recipe's file"):
        bring(recipe(url, content=packed, member=MEMBER, member_sha256=sha(b"x")), raw)
    assert not (raw / "tiny" / "frozen_inference_graph.pb").exists()


def test_an_absent_member_is_told_once_and_the_archive_is_kept_for_the_corrected_recipe(site, raw):
    packed = archive()
    url = site.page("/model.tgz", packed)
    with pytest.raises(SourceError, match="among its 2 entries") as error:
        bring(recipe(url, content=packed, member="frozen.pb"), raw)
    assert MEMBER in error.value.hint
    assert bring(recipe(url, content=packed, member=MEMBER), raw).path.exists()
    assert len(site.requests) == 1


def test_an_archive_put_in_place_by_hand_is_taken(raw):
    packed = archive()
    mirror_with(raw, "tiny/model.tgz", packed)
    wanted = recipe("http://127.0.0.1:9/model.tgz", content=packed, member=MEMBER)
    assert bring(wanted, raw).path.read_bytes() == CONTENT


def test_a_given_archive_is_unpacked_and_stays(raw, tmp_path):
    packed = archive()
    (tmp_path / "x.tgz").write_bytes(packed)
    wanted = recipe("http://127.0.0.1:9/model.tgz", content=packed, member=MEMBER)
    pulled = bring(wanted, raw, from_file=tmp_path / "x.tgz")
    assert (pulled.path.read_bytes(), pulled.origin) == (CONTENT, str(tmp_path / "x.tgz"))
    assert (tmp_path / "x.tgz").exists()
    assert bring(wanted, raw) == pulled


def test_a_given_member_is_taken_where_the_recipe_knows_its_digest(raw, tmp_path):
    (tmp_path / "f.pb").write_bytes(CONTENT)
    url = "http://127.0.0.1:9/model.tgz"
    wanted = recipe(url, content=archive(), member=MEMBER, member_sha256=sha(CONTENT))
    pulled = bring(wanted, raw, from_file=tmp_path / "f.pb")
    assert pulled.path == raw / "tiny" / "frozen_inference_graph.pb"
    assert bring(wanted, raw) == pulled
    unknown = recipe(url, content=archive(), member=MEMBER)
    with pytest.raises(SourceError) as error:
        bring(unknown, raw / "other", from_file=tmp_path / "f.pb")
    assert "only the archive model.tgz" in error.value.hint


def test_a_member_called_like_its_archive_is_no_trouble(site, raw):
    packed = archive()
    url = site.page("/frozen_inference_graph.pb", packed)
    wanted = recipe(url, content=packed, member=MEMBER)
    assert bring(wanted, raw).path.read_bytes() == CONTENT
    assert bring(wanted, raw).path.exists()
    assert len(site.requests) == 1


# Files that ship with convert


def bundled(content=CONTENT):
    return recipe(content=content, bundled="model.pb")


def test_a_bundled_file_is_found_in_a_checkout(raw):
    mirror_with(raw, "tiny/model.pb", CONTENT)
    pulled = bring(bundled(), raw)
    assert (pulled.path, pulled.sha256) == (raw / "tiny" / "model.pb", sha(CONTENT))
    assert visible(raw / "tiny") == ["model.pb"]


@pytest.mark.parametrize("in_checkout", [None, b"stale"])
def test_a_bundled_file_is_found_in_the_installed_package(raw, tmp_path, monkeypatch, in_checkout):
    monkeypatch.setattr(package, "_HOMES", (tmp_path / "_bundled",))
    mirror_with(tmp_path / "_bundled", "tiny/model.pb", CONTENT)
    if in_checkout:
        mirror_with(raw, "tiny/model.pb", in_checkout)
    assert bring(bundled(), raw).path == tmp_path / "_bundled" / "tiny" / "model.pb"


def test_a_bundled_file_that_is_wrong_or_absent_is_told(raw):
    mirror_with(raw, "tiny/model.pb", b"wrong")
    with pytest.raises(SourceError, match=f"sha256 is {sha(b'wrong')} instead of {sha(CONTENT)}"):
        bring(bundled(), raw)
    with pytest.raises(SourceError, match=f"{raw}/other/tiny/model.pb: no such file"):
        bring(bundled(), raw / "other")


def test_a_bundled_file_may_be_given(raw, tmp_path):
    (tmp_path / "f.pb").write_bytes(CONTENT)
    assert bring(bundled(), raw, from_file=tmp_path / "f.pb").path == raw / "tiny" / "model.pb"


# Licenses


def test_a_restricted_license_is_asked_about_before_any_byte_is_fetched(site, raw):
    wanted = recipe(site.page("/model.pb", CONTENT), license=RESTRICTED)
    with pytest.raises(UsageError, match="2024-05-06"):
        bring(wanted, raw)
    assert not site.requests
    assert bring(wanted, raw, accepted=["CC-BY-NC-4.0"]).license == RESTRICTED


def test_a_restricted_license_is_asked_about_even_if_the_file_is_there(site, raw):
    wanted = recipe(site.page("/model.pb", CONTENT), license=RESTRICTED)
    bring(wanted, raw, accepted=["all"])
    with pytest.raises(UsageError, match="CC-BY-NC"):
        bring(wanted, raw)


# Models of several files


def several(*urls, second=b"second", **source):
    """A recipe of two files."""
    made = recipe(*urls, **source)
    beside = Companion(name="more/shard 2.bin", sha256=sha(second), bytes=len(second))
    whole = made.source.model_copy(update={"files": (beside,)})
    return made.model_copy(update={"source": whole})


def own_files(folder):
    (folder / "more").mkdir(parents=True)
    (folder / "model.json").write_bytes(CONTENT)
    (folder / "more" / "shard 2.bin").write_bytes(b"second")
    return folder / "model.json"


def test_the_files_beside_a_file_come_from_beside_its_url(site, raw, tmp_path):
    url = site.page("/a/model.json", CONTENT)
    site.page("/a/more/shard%202.bin", b"second")
    found = bring(several(url), raw)
    assert (found.path.parent / "more" / "shard 2.bin").read_bytes() == b"second"
    assert found.bytes == len(CONTENT) + len(b"second")
    own_files(tmp_path / "whole")
    assert found.sha256 == digest_folder(tmp_path / "whole")


def test_the_files_beside_ones_own_file_are_taken_with_it(raw, tmp_path):
    own = own_files(tmp_path / "own")
    found = bring(several(path=str(own)), raw)
    assert (found.path.parent / "more" / "shard 2.bin").read_bytes() == b"second"
    assert pulled(several(path=str(own)), raw) == found.path
    again = bring(several("http://127.0.0.1:9/model.json"), tmp_path / "2", from_file=own)
    assert (again.path.parent / "more" / "shard 2.bin").is_file()


def test_a_file_beside_it_that_is_another_is_refused_by_name(site, raw):
    url = site.page("/a/model.json", CONTENT)
    site.page("/a/more/shard%202.bin", b"other!")
    with pytest.raises(SourceError, match=r"shard 2\.bin"):
        bring(several(url), raw)
    assert pulled(several(url), raw) is None


def test_a_file_beside_it_cannot_lead_outside():
    with pytest.raises(ValueError, match="leads outside"):
        Companion(name="../x.bin", sha256=sha(b""))
