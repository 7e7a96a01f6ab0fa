"""What is published is found, and what cannot be read is named with its reason."""

import shutil
from pathlib import Path

import pytest

from convert.errors import UsageError
from convert.manifest import NAME
from convert.pipeline.published import published, smallest


@pytest.fixture
def out(bundle: Path) -> Path:
    """One that can be read, and one that another version wrote."""
    older = Path(shutil.copytree(bundle, bundle.parent / "tflite-float32")) / NAME
    older.chmod(0o644)
    older.write_text(older.read_text().replace('"schema_version": 2', '"schema_version": 1'))
    return bundle.parents[1]


def test_a_folder_that_cannot_be_read_is_named_with_the_reason(out: Path) -> None:
    found = published(out)
    assert [folder.name for folder, _ in found.files] == ["tflite-uint8"]
    (told,) = found.unreadable.items()
    assert told[0] == "tiny-net/tflite-float32"
    assert "schema_version: Input should be 2" in told[1]


def test_where_nothing_can_be_read_the_reason_is_told(out: Path) -> None:
    shutil.rmtree(out / "tiny-net" / "tflite-uint8")
    with pytest.raises(UsageError, match=r"nothing that can be read.*schema_version") as told:
        published(out).require_some(out)
    assert told.value.hint == "`convert run tiny-net` publishes it anew."


def test_where_nothing_is_published_a_run_is_proposed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing is published in") as told:
        published(tmp_path).require_some(tmp_path)
    assert "convert run" in str(told.value.hint)


def test_a_scheme_that_cannot_be_read_is_no_riddle(out: Path) -> None:
    with pytest.raises(UsageError, match=r"there are tflite-uint8; tiny-net/tflite-float32: .*sch"):
        smallest(out, "tiny-net", "tflite", "float32")
    assert smallest(out, "tiny-net", "tflite", None)[0].name == "tflite-uint8"
