"""Files are timed side by side, each failure stays its own, and nothing is left running."""

import itertools
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from convert.errors import RuntimeFailure
from convert.progress import Silence, Tick
from convert.report import Latency
from convert.signature import Signature, TensorSpec
from convert.stages.bench import BenchJob, Outcome, bench
from convert.vocabulary import Scheme

SIDE, CHANNELS = 40, 16
SHAPE = (1, CHANNELS, SIDE, SIDE)
SIGNATURE = Signature(
    inputs=(TensorSpec(name="x", dtype="float32", shape=SHAPE, layout="NCHW"),),
    outputs=(TensorSpec(name="y", dtype="float32", shape=SHAPE, layout="NCHW"),),
)


def convolutions(path: Path, count: int) -> Path:
    """A file of so many equal convolutions in a row."""
    names = ["x", *(f"h{i}" for i in range(1, count)), "y"]
    random = np.random.default_rng(0)
    weights = random.normal(0, 0.1, (CHANNELS, CHANNELS, 3, 3)).astype(np.float32)
    nodes = [
        helper.make_node("Conv", [one, "w"], [other], pads=[1, 1, 1, 1])
        for one, other in itertools.pairwise(names)
    ]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, SHAPE) for name in "xy"]
    graph = helper.make_graph(
        nodes, "tiny", ends[:1], ends[1:], [numpy_helper.from_array(weights, "w")]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(path))
    return path


def job(key: str, scheme: Scheme, path: Path, runtime: str = "onnxruntime") -> BenchJob:
    return BenchJob(key=key, runtime=runtime, scheme=scheme, path=path, signature=SIGNATURE)


class Counter(Silence):
    """Keeps what is told."""

    def __init__(self) -> None:
        self.total: int | None = None
        self.counted = 0
        self.stages: list[tuple[str, str]] = []

    def stage(self, variant: str, stage: str) -> None:
        self.stages.append((variant, stage))

    @contextmanager
    def count(self, label: str, total: int | None, unit: str) -> Iterator[Tick]:
        self.total = total

        def tick(amount: int = 1) -> None:
            self.counted += amount

        yield tick


@pytest.fixture(scope="module")
def told() -> Counter:
    return Counter()


@pytest.fixture(scope="module")
def found(
    tmp_path_factory: pytest.TempPathFactory, told: Counter
) -> Mapping[tuple[str, int], Outcome]:
    """Two files, one four times the other's work, a broken one and one that is not timed."""
    folder = tmp_path_factory.mktemp("models")
    broken = folder / "broken.onnx"
    broken.write_bytes(b"not onnx")
    return bench(
        [
            job("slow", "float32", convolutions(folder / "slow.onnx", 40)),
            job("fast", "uint8", convolutions(folder / "fast.onnx", 10)),
            job("broken", "float16", broken),
            job("web", "float32", folder, runtime="tfjs-by-tensorflow"),
        ],
        threads=[1, 2],
        progress=told,
    )


def latency(found: Mapping[tuple[str, int], Outcome], key: str, threads: int = 1) -> Latency:
    outcome = found[key, threads]
    assert isinstance(outcome, Latency)
    return outcome


def test_every_file_is_timed_with_every_number_of_threads(found) -> None:
    assert set(found) == {(key, n) for key in ("slow", "fast", "broken") for n in (1, 2)}
    assert [latency(found, "fast", n).threads for n in (1, 2)] == [1, 2]


def test_a_latency_says_all_that_was_measured(found) -> None:
    slow = latency(found, "slow")
    assert slow.runtime == "onnxruntime"
    assert slow.runs >= 50
    assert 0 < slow.min_ms <= slow.p50_ms <= slow.p90_ms
    assert slow.load >= 0
    assert slow.peak_rss_mb is not None
    assert 10 < slow.peak_rss_mb < 500


def test_the_ratio_to_float32_is_that_of_the_work(found) -> None:
    assert latency(found, "slow").ratio_to_float32 == 1
    ratio = latency(found, "fast").ratio_to_float32
    assert ratio is not None
    assert 0.15 < ratio < 0.4


def test_a_file_that_its_runtime_refuses_does_not_stop_the_others(found) -> None:
    assert isinstance(found["broken", 1], RuntimeFailure)
    assert "broken.onnx" in found["broken", 1].message


def test_every_run_is_counted(found, told: Counter) -> None:
    assert told.counted == told.total
    assert ("fast", "bench") in told.stages


def test_without_a_float32_file_there_is_no_ratio(tmp_path: Path) -> None:
    path = convolutions(tmp_path / "m.onnx", 1)
    found = bench([job("only", "uint8", path)], threads=[1], runs=25, progress=Silence())
    assert latency(found, "only").ratio_to_float32 is None


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")
def test_ctrl_c_leaves_no_worker_behind(tmp_path: Path) -> None:
    class Impatient(Silence):
        def stage(self, variant: str, stage: str) -> None:
            raise KeyboardInterrupt

    path = convolutions(tmp_path / "m.onnx", 1)
    with pytest.raises(KeyboardInterrupt):
        bench([job("only", "float32", path)], threads=[1], progress=Impatient())
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children()]
    assert not any(b"convert.runtimes.worker" in command for command in commands)


def children() -> Iterator[int]:
    """The processes whose parent this one is."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = status.read_text().rpartition(")")[2].split()
            if int(fields[1]) == os.getpid():
                yield int(status.parent.name)
