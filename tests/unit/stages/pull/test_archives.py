"""An archive gives its one member, and nothing else of it stays."""

import pytest

from convert.errors import SourceError

from .wanted import CONTENT, MEMBER, archive, bring, mirror_with, recipe, sha, visible


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
