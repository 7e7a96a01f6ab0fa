"""A file comes from a mirror or from a file that is given, and what is missing says how to."""

import pytest

from convert.errors import SourceError, UsageError

from .wanted import CLOSED, CONTENT, Listener, bring, mirror_with, recipe, sha

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
