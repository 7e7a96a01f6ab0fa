"""A published folder is whole, or it is what it was before."""

import hashlib
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from convert.bundle.timings import Timings, read_timings
from convert.manifest import Manifest
from convert.stages.publish import publish, withdraw
from convert.store import digest

SUMMED = ["NOTICE", "README.md", "bom.cdx.json", "golden.npz", "manifest.json", "model.tflite"]
SUMMED += ["preprocessing.json", "provenance.intoto.json"]


@pytest.fixture
def made(tmp_path: Path, manifest: Manifest, timings: Timings) -> "Made":
    return Made(tmp_path, manifest, timings)


class Made:
    """A model and its golden tensors, ready to be published."""

    def __init__(self, folder: Path, manifest: Manifest, timings: Timings) -> None:
        self.timings = timings
        self.model, self.golden = folder / "model.tflite", folder / "golden.npz"
        np.savez(self.golden, input=np.zeros(3))
        self.final = folder / "out" / "net" / "tflite-uint8"
        self.base = manifest
        self.write(b"first")

    def write(self, content: bytes) -> None:
        self.model.write_bytes(content)
        sha = hashlib.sha256(content).hexdigest()
        artifact = self.base.artifact.model_copy(update={"sha256": sha})
        self.manifest = self.base.model_copy(update={"artifact": artifact})

    def publish(self) -> bool:
        return publish(self.manifest, self.timings, self.model, self.golden, self.final)

    def published(self) -> Manifest:
        return Manifest.model_validate_json((self.final / "manifest.json").read_bytes())

    def left_beside(self) -> list[str]:
        """Whatever lies beside the folder, but for locks."""
        names = [path.name for path in self.final.parent.iterdir()]
        return [name for name in names if name != self.final.name and not name.endswith(".lock")]


def test_a_published_folder_holds_all_that_its_manifest_names(made: Made):
    assert made.publish()
    assert {path.name for path in made.final.iterdir()} == {*SUMMED, "SHA256SUMS", "timings.json"}
    there = made.published()
    assert digest(made.final / there.artifact.path) == there.artifact.sha256
    assert set(there.files) == set(SUMMED) - {"model.tflite", "manifest.json"}
    for name, sha in there.files.items():
        assert digest(made.final / name) == sha
    assert made.left_beside() == []


def test_the_manifest_reads_back_as_it_was(made: Made):
    made.publish()
    assert made.published().model_copy(update={"files": {}}) == made.manifest


def test_publishing_again_writes_nothing(made: Made):
    made.publish()
    before = {path: path.stat().st_mtime_ns for path in (made.final, *made.final.iterdir())}
    assert not made.publish()
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.parametrize("name", [*SUMMED, "SHA256SUMS"])
def test_a_changed_byte_is_repaired(made: Made, name: str):
    made.publish()
    sound = digest(made.final)
    path = made.final / name
    path.write_bytes(b"x" + path.read_bytes()[1:])
    assert made.publish()
    assert digest(made.final) == sound


@pytest.mark.parametrize("name", [*SUMMED, "SHA256SUMS"])
def test_a_missing_file_is_repaired(made: Made, name: str):
    made.publish()
    (made.final / name).unlink()
    assert made.publish()
    assert (made.final / name).is_file()


def test_a_new_model_takes_the_place_of_the_old(made: Made):
    made.publish()
    made.write(b"second")
    assert made.publish()
    assert (made.final / "model.tflite").read_bytes() == b"second"
    assert made.left_beside() == []


def test_new_golden_tensors_are_published_with_the_same_model(made: Made):
    made.publish()
    np.savez(made.golden, input=np.ones(3))
    assert made.publish()
    assert digest(made.final / "golden.npz") == digest(made.golden)


def test_new_figures_are_published_with_the_same_model(made: Made):
    made.publish()
    made.base = made.base.model_copy(update={"images": 7})
    made.write(b"first")
    assert made.publish()
    assert made.published().images == 7


def test_a_model_that_is_a_folder_is_published_whole(made: Made):
    made.model = made.model.with_name("model")
    (made.model / "shards").mkdir(parents=True)
    (made.model / "model.json").write_text("{}")
    (made.model / "shards" / "group1.bin").write_bytes(b"weights")
    artifact = {"path": "model", "sha256": digest(made.model), "target": "tfjs"}
    made.manifest = made.base.model_copy(
        update={"artifact": made.base.artifact.model_copy(update=artifact)}
    )
    assert made.publish()
    assert digest(made.final / "model") == digest(made.model)
    assert not made.publish()
    (made.final / "model" / "shards" / "group1.bin").write_bytes(b"weighty")
    assert made.publish()


def test_a_publication_that_fails_leaves_the_old_version(made: Made):
    made.publish()
    before = digest(made.final)
    made.write(b"second")
    made.model.unlink()
    with pytest.raises(FileNotFoundError):
        made.publish()
    assert digest(made.final) == before
    assert made.left_beside() == []


KILLED = """
    import os, shutil, sys
    from pathlib import Path
    import convert.stages.publish as stage
    from convert.bundle.timings import Timings
    from convert.manifest import Manifest

    manifest, times, model, golden, final, copies = sys.argv[1:]
    whole, done = shutil.copyfile, []

    def dying(source, target):
        if len(done) == int(copies):
            Path(target).write_bytes(b"half")
            os._exit(9)
        done.append(whole(source, target))

    shutil.copyfile = dying
    there = Manifest.model_validate_json(Path(manifest).read_bytes())
    taken = Timings.model_validate_json(Path(times).read_bytes())
    stage.publish(there, taken, Path(model), Path(golden), Path(final))
"""


@pytest.mark.parametrize("copies", [0, 1])
def test_a_run_that_is_killed_half_way_leaves_the_old_version(
    made: Made, tmp_path: Path, copies: int
):
    made.publish()
    before = digest(made.final)
    made.write(b"second")
    order = tmp_path / "order.json"
    order.write_text(made.manifest.model_dump_json())
    times = tmp_path / "times.json"
    times.write_text(made.timings.model_dump_json())
    paths = [order, times, made.model, made.golden, made.final, str(copies)]
    code = textwrap.dedent(KILLED)
    killed = subprocess.run([sys.executable, "-c", code, *paths], check=False)
    assert killed.returncode == 9
    assert digest(made.final) == before
    assert made.left_beside() != []
    assert made.publish()
    assert made.left_beside() == [], "the next run clears up"


def test_what_is_withdrawn_is_gone_and_can_be_published_again(made: Made):
    made.publish()
    withdraw(made.final)
    assert not made.final.exists()
    assert made.left_beside() == []
    assert made.publish()


def test_what_was_never_published_can_be_withdrawn(made: Made):
    withdraw(made.final)
    assert not made.final.exists()


def test_coreutils_agree_with_the_checksums(made: Made):
    made.publish()
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=made.final,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
    assert len(checked.stdout.splitlines()) == len(SUMMED)


def test_other_times_change_nothing_that_is_digested(made: Made):
    made.publish()
    before = (made.final / "SHA256SUMS").read_bytes()
    machine = made.timings.machine.model_copy(update={"cores": 64})
    made.timings = made.timings.model_copy(update={"machine": machine})
    assert not made.publish()
    assert (made.final / "SHA256SUMS").read_bytes() == before
    assert read_timings((made.final / "timings.json").read_bytes()).machine.cores == 64


def test_a_file_that_does_not_belong_there_is_removed(made: Made):
    made.publish()
    (made.final / "left.txt").write_text("of an earlier convert")
    assert made.publish()
    assert not (made.final / "left.txt").exists()
