"""Of an archive only the wanted, plain file comes out; what is wrong with it is told."""

import io
import tarfile
import zipfile

import pytest

from convert import archive as bounds
from convert.archive import extract_member
from convert.errors import SourceError

CONTENT = b"frozen" * 10_000
MEMBER = "model/frozen_inference_graph.pb"


def tar(path, entries, mode="w:gz"):
    """A tar of (name, content or TarInfo type with link target)."""
    with tarfile.open(path, mode) as opened:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                info.size = len(content)
                opened.addfile(info, io.BytesIO(content))
            else:
                info.type, info.linkname = content
                opened.addfile(info)
    return path


def take(path, tmp_path, member=MEMBER):
    with (tmp_path / "out").open("w+b") as out:
        extract_member(path, member, out)
    return (tmp_path / "out").read_bytes()


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_member_comes_out_of_any_tar(tmp_path, mode):
    entries = [("model", (tarfile.DIRTYPE, "")), ("model/x", b"no"), (MEMBER, CONTENT)]
    assert take(tar(tmp_path / "a", entries, mode), tmp_path) == CONTENT


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_a_member_comes_out_of_a_zip(tmp_path, method):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as opened:
        opened.writestr("model/x", b"no")
        opened.writestr(MEMBER, CONTENT)
    assert take(tmp_path / "a.zip", tmp_path) == CONTENT


def test_a_leading_dot_makes_no_difference(tmp_path):
    assert take(tar(tmp_path / "a", [(f"./{MEMBER}", CONTENT)]), tmp_path) == CONTENT
    plain = tar(tmp_path / "b", [(MEMBER, CONTENT)])
    assert take(plain, tmp_path, f"./{MEMBER}") == CONTENT


def test_nothing_else_is_unpacked(tmp_path):
    path = tar(tmp_path / "a", [("../outside", b"no"), ("/outside", b"no"), (MEMBER, CONTENT)])
    take(path, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "out"]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ((tarfile.SYMTYPE, "/etc/passwd"), "a link to /etc/passwd"),
        ((tarfile.LNKTYPE, "other"), "a link to other"),
        ((tarfile.DIRTYPE, ""), "a folder"),
        ((tarfile.FIFOTYPE, ""), "a device or the like"),
        ((tarfile.CHRTYPE, ""), "a device or the like"),
    ],
)
def test_what_is_no_plain_file_is_refused(tmp_path, kind, said):
    path = tar(tmp_path / "a", [("other", b"x"), (MEMBER, kind)])
    with pytest.raises(SourceError, match=f"{MEMBER} is {said}"):
        take(path, tmp_path)


def test_a_link_in_a_zip_is_refused(tmp_path):
    info = zipfile.ZipInfo(MEMBER)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        opened.writestr(info, "/etc/passwd")
    with pytest.raises(SourceError, match="is a link"):
        take(tmp_path / "a.zip", tmp_path)


def test_an_absent_member_is_told_with_those_that_sound_like_it(tmp_path):
    path = tar(tmp_path / "a", [("model/README", b""), ("model/frozen_graph.pb", b"x")])
    with pytest.raises(SourceError, match="among its 2 entries") as error:
        take(path, tmp_path)
    assert "model/frozen_graph.pb" in error.value.hint
    with pytest.raises(SourceError) as error:
        take(tar(tmp_path / "b", []), tmp_path)
    assert "nothing" in error.value.hint


def test_a_member_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(bounds, "LARGEST_MEMBER", len(CONTENT) - 1)
    with pytest.raises(SourceError, match="59,999 at most"):
        take(tar(tmp_path / "a", [(MEMBER, CONTENT)]), tmp_path)


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_gone_through(tmp_path):
    bomb = tarfile.TarInfo("zeros")
    bomb.size = 2**40
    (tmp_path / "a").write_bytes(bomb.tobuf() + bytes(10_240))
    with pytest.raises(SourceError, match="unpacks to more than"):
        take(tmp_path / "a", tmp_path)


def test_a_zip_that_lies_about_a_size_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr(MEMBER, bytes(1_000_000))
    true, lie = (size.to_bytes(4, "little") for size in (1_000_000, 1_000))
    path.write_bytes(path.read_bytes().replace(true, lie))
    with pytest.raises(SourceError):
        take(path, tmp_path)
    assert (tmp_path / "out").stat().st_size <= 2_000


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
@pytest.mark.parametrize("keep", [0.3, 0.6, 0.8])
def test_a_truncated_archive_is_refused(tmp_path, mode, keep):
    noise = bytes(hash((i, 7)) % 251 for i in range(50_000))
    path = tar(tmp_path / "a", [(MEMBER, noise)], mode)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    with pytest.raises(SourceError):
        take(path, tmp_path)


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08 broken", b"PK\5\6 broken"])
def test_what_is_no_archive_is_told(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(SourceError, match=str(tmp_path / "a")):
        take(tmp_path / "a", tmp_path)
