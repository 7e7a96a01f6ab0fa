"""A version is seen when all of it is there and right, and then it never changes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from convert.bundle.bring import bring
from convert.bundle.index import latest, read_index, require_version
from convert.bundle.signing import new_key, sign
from convert.errors import SourceError, UsageError
from convert.places import open_place
from convert.places.base import Place
from convert.progress import Silence
from convert.stages.check import check
from convert.stages.release import release


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return open_place((tmp_path / "there").as_uri())


def publish(bundle: Path, place: Place, version: str = "1.0.0") -> bool:
    return release(
        {bundle.name: bundle},
        place,
        name="tiny-net",
        version=version,
        check=lambda folder: check(folder).problems,
        progress=Silence(),
    )


def files(place: Place) -> dict[str, bytes]:
    root = Path(place.url.removeprefix("file://"))
    found = sorted(path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


@dataclass
class Breaking:
    """A place whose connection breaks, or which changes what it is given, at one file."""

    under: Place
    at: str
    instead: bytes | None = None

    @property
    def url(self) -> str:
        return self.under.url

    def read(self, name: str) -> bytes | None:
        return self.under.read(name)

    def fetch(self, name: str, into: Path) -> None:
        self.under.fetch(name, into)

    def put(self, files: Mapping[str, Path], why: str) -> None:
        for name, path in files.items():
            if name.endswith(self.at):
                if self.instead is None:
                    raise SourceError("the connection broke")
                self.under.write(name, self.instead, why)
            else:
                self.under.put({name: path}, why)

    def write(self, name: str, content: bytes, why: str) -> None:
        if name.endswith(self.at):
            raise SourceError("the connection broke")
        self.under.write(name, content, why)

    def clear(self, folder: str, why: str) -> None:
        self.under.clear(folder, why)


def test_what_was_published_is_the_latest_and_comes_back_sound(
    bundle: Path, place: Place, tmp_path: Path
) -> None:
    assert publish(bundle, place)
    index = read_index(place, "tiny-net/")
    assert index
    assert (index.latest, list(index.versions)) == ("1.0.0", ["1.0.0"])
    bring(place, "tiny-net/1.0.0/tflite-uint8/", tmp_path / "back")
    assert check(tmp_path / "back").problems == ()
    names = {path.name for path in bundle.iterdir()}
    assert {path.name for path in (tmp_path / "back").iterdir()} == names


def test_the_same_bytes_again_change_nothing(bundle: Path, place: Place) -> None:
    publish(bundle, place)
    before = files(place)
    assert not publish(bundle, place)
    assert files(place) == before


def test_other_bytes_under_the_same_version_are_refused(
    bundle: Path, place: Place, tmp_path: Path
) -> None:
    publish(bundle, place)
    before = files(place)
    new_key(tmp_path / "key")
    sign(bundle, tmp_path / "key")
    with pytest.raises(UsageError, match=r"tiny-net 1\.0\.0 at .* other bytes: tflite-uint8"):
        publish(bundle, place)
    assert files(place) == before
    assert publish(bundle, place, "1.0.1")


@pytest.mark.parametrize("at", ["model.tflite", "SHA256SUMS", "index.json"])
def test_an_upload_that_breaks_off_shows_no_version(bundle: Path, place: Place, at: str) -> None:
    publish(bundle, place, "0.9.0")
    with pytest.raises(SourceError, match="broke"):
        publish(bundle, Breaking(place, at))
    index = read_index(place, "tiny-net/")
    assert index
    assert (index.latest, list(index.versions)) == ("0.9.0", ["0.9.0"])
    assert publish(bundle, place)


@pytest.mark.parametrize("at", ["model.tflite", "manifest.json", "SHA256SUMS", "timings.json"])
def test_what_did_not_arrive_as_it_was_sent_is_not_shown(
    bundle: Path, place: Place, at: str
) -> None:
    with pytest.raises(SourceError, match=rf"(?s)did not arrive.*{at}|{at}"):
        publish(bundle, Breaking(place, at, instead=b"something else"))
    assert read_index(place, "tiny-net/") is None


def test_what_a_broken_upload_left_is_cleared(bundle: Path, place: Place) -> None:
    place.write("tiny-net/1.0.0/tflite-uint8/left.txt", b"?", "")
    publish(bundle, place)
    assert "tiny-net/1.0.0/tflite-uint8/left.txt" not in files(place)


def test_an_older_number_does_not_become_the_latest(bundle: Path, place: Place) -> None:
    publish(bundle, place, "2.0.0")
    publish(bundle, place, "1.10.0")
    index = json.loads(place.read("tiny-net/index.json") or b"")
    assert index["latest"] == "2.0.0"
    assert set(index["versions"]) == {"1.10.0", "2.0.0"}


def test_versions_are_ordered_by_their_numbers() -> None:
    assert latest(["1.9.0", "1.10.0", "1.10.0-rc.1"]) == "1.10.0"


@pytest.mark.parametrize("version", ["1", "1.0", "v1.0.0", "1.0.0/..", "latest", "01.0.0"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(UsageError, match="--version"):
        require_version(version)


def test_an_index_that_is_none_is_not_written_over(bundle: Path, place: Place) -> None:
    place.write("tiny-net/index.json", b"{}", "")
    with pytest.raises(SourceError, match=r"index\.json"):
        publish(bundle, place)
    assert place.read("tiny-net/index.json") == b"{}"
