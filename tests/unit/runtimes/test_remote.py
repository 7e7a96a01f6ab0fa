"""A file is timed in a process of its own, whose failures are told in plain words."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from convert.errors import RuntimeFailure
from convert.runtimes.messages import Open
from convert.runtimes.remote import RemoteSession
from convert.signature import Signature, TensorSpec

SIGNATURE = Signature(
    inputs=(TensorSpec(name="x", dtype="float32", shape=(1, 3, 8, 9), layout="NCHW"),),
    outputs=(TensorSpec(name="y", dtype="float32", shape=(1, 3, 8, 9), layout="NCHW"),),
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, (1, 3, 8, 9)) for n in "xy"]
    graph = helper.make_graph([helper.make_node("Neg", ["x"], ["y"])], "t", ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = tmp_path_factory.mktemp("model") / "m.onnx"
    onnx.save(model, str(path))
    return path


def asked(path: Path, **inputs: str) -> Open:
    return Open(
        runtime="onnxruntime", path=str(path), signature=SIGNATURE, threads=1, inputs=inputs
    )


@pytest.fixture
def session(path: Path) -> Iterator[RemoteSession]:
    with closing(RemoteSession(asked(path))) as opened:
        yield opened


def test_as_many_runs_as_asked_for_are_timed(session: RemoteSession) -> None:
    assert session.open().threads == 1
    timed = session.time(7)
    assert len(timed.seconds) == 7
    assert all(0 < seconds < 1 for seconds in timed.seconds)


def test_a_warm_up_takes_at_least_ten_runs_and_ends(session: RemoteSession) -> None:
    session.open()
    assert 10 <= len(session.warm_up().seconds) <= 60


def test_memory_is_the_workers_own_and_not_inherited(session: RemoteSession) -> None:
    ballast = np.ones(30_000_000)  # 240 MB, which the child must not be charged for
    session.open()
    assert 10 < session.time(1).peak_rss_mb < 200
    assert ballast[0] == 1


def test_nothing_is_timed_before_it_is_open(session: RemoteSession) -> None:
    with pytest.raises(RuntimeFailure, match="nothing is open"):
        session.time(1)


def test_a_refused_file_is_told_as_the_runtime_tells_it(path: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(path.read_bytes()[:20])
    with (
        closing(RemoteSession(asked(broken))) as session,
        pytest.raises(RuntimeFailure, match=r"ONNX Runtime cannot load .*broken\.onnx"),
    ):
        session.open()


def test_given_inputs_are_taken_and_their_shape_is_checked(path: Path, tmp_path: Path) -> None:
    for name, shape in (("right", (1, 8, 9, 3)), ("wrong", (1, 9, 9, 3))):
        np.save(tmp_path / name, np.zeros(shape, np.float32))
    with closing(RemoteSession(asked(path, x=str(tmp_path / "right.npy")))) as session:
        session.open()
    with (
        closing(RemoteSession(asked(path, x=str(tmp_path / "wrong.npy")))) as session,
        pytest.raises(RuntimeFailure, match=r"\[1, 9, 9, 3\]"),
    ):
        session.open()


def test_a_worker_that_breaks_is_quoted(path: Path, tmp_path: Path) -> None:
    with (
        closing(RemoteSession(asked(path, x=str(tmp_path / "absent.npy")))) as session,
        pytest.raises(RuntimeFailure, match=r"onnxruntime on .*m\.onnx(.|\n)*absent\.npy"),
    ):
        session.open()


def test_only_the_runtime_that_is_asked_for_is_imported(path: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "convert.runtimes.worker"]
    worker = subprocess.run(
        command,
        input=asked(path).model_dump_json() + "\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    imported = {line.rpartition("|")[2].strip() for line in worker.stderr.splitlines()}
    assert '"opened"' in worker.stdout
    assert "onnxruntime" in imported
    assert not imported & {"tensorflow", "ai_edge_litert", "onnx", "tf2onnx"}
