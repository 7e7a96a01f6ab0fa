"""A file counts as a recipe's only by its digest, or by the record of the archive it came from."""

import hashlib

import pytest

from convert.errors import SourceError
from convert.provenance import (
    difference,
    is_wanted,
    recall,
    remember,
    require_download,
    require_member,
)
from convert.recipe import License, Source

CONTENT, ARCHIVE = b"frozen graph", b"archive of it"
LICENSE = License(id="Apache-2.0", evidence="LICENSE")


def sha(content, algorithm="sha256"):
    return hashlib.new(algorithm, content).hexdigest()


def source(content=CONTENT, **keys):
    keys = {"sha256": sha(content), **keys}
    return Source(format="frozen_graph", urls=("http://h/f.pb",), **keys)


@pytest.fixture
def file(tmp_path):
    (tmp_path / "f.pb").write_bytes(CONTENT)
    return tmp_path / "f.pb"


@pytest.fixture
def archive(tmp_path):
    (tmp_path / "a.tgz").write_bytes(ARCHIVE)
    return tmp_path / "a.tgz"


def test_the_right_file_is_the_recipes(file):
    assert difference(file, source(sha384=sha(CONTENT, "sha384"))) is None
    assert is_wanted(file, source())
    require_download(file, source(), "there")


def test_each_digest_that_is_given_must_hold(file):
    assert "sha256 is" in difference(file, source(b"other"))
    assert "sha384 is" in difference(file, source(sha384=sha(b"other", "sha384")))
    assert not is_wanted(file, source(sha256=None, sha384=sha(b"other", "sha384")))


def test_a_wrong_file_is_told_with_origin_found_and_expected(file):
    with pytest.raises(SourceError) as error:
        require_download(file, source(b"other", bytes=5), "http://h/f.pb")
    for word in ("http://h/f.pb", sha(CONTENT), sha(b"other"), "12 bytes of 5"):
        assert word in error.value.message


def test_a_wrong_member_is_told_likewise(file):
    with pytest.raises(SourceError) as error:
        require_member(
            file, source(ARCHIVE, member="m/f.pb", member_sha256=sha(b"x")), "http://h/a"
        )
    for word in ("http://h/a", "m/f.pb", sha(CONTENT), sha(b"x")):
        assert word in error.value.message


def test_a_member_of_known_digest_needs_no_record(file):
    assert is_wanted(file, source(ARCHIVE, member="m/f.pb", member_sha256=sha(CONTENT)))
    assert not is_wanted(file, source(ARCHIVE, member="m/f.pb", member_sha256=sha(b"x")))


def test_a_member_of_unknown_digest_needs_the_record_of_its_archive(file, archive):
    wanted = source(ARCHIVE, member="m/f.pb")
    assert not is_wanted(file, wanted)
    remember(file, wanted, download=archive, origin="http://h/a.tgz", license=LICENSE)
    assert is_wanted(file, wanted)
    assert recall(file).origin == "http://h/a.tgz"


@pytest.mark.parametrize(
    "other", [{"content": b"other archive"}, {"member": "m/g.pb"}, {"sha384": "0" * 96}]
)
def test_the_record_of_another_archive_or_member_does_not_count(file, archive, other):
    wanted = source(ARCHIVE, member="m/f.pb")
    remember(file, wanted, download=archive, origin="here", license=LICENSE)
    assert not is_wanted(file, source(**{"content": ARCHIVE, "member": "m/f.pb", **other}))


@pytest.mark.parametrize("damage", ["changed file", "no JSON", "other keys", "absent"])
def test_a_record_that_does_not_fit_its_file_does_not_count(file, archive, damage):
    wanted = source(ARCHIVE, member="m/f.pb")
    remember(file, wanted, download=archive, origin="here", license=LICENSE)
    record = file.with_name("f.pb.source.json")
    if damage == "changed file":
        file.write_bytes(b"changed")
    elif damage == "no JSON":
        record.write_text("{")
    elif damage == "other keys":
        record.write_text('{"origin": "here"}')
    else:
        record.unlink()
    assert recall(file) is None
    assert not is_wanted(file, wanted)


def test_a_file_that_is_not_there_is_not_wanted(tmp_path):
    assert not is_wanted(tmp_path / "absent", source())
