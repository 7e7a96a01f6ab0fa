"""Every runtime of the table runs what its target writes, and refuses the rest in plain words."""

import shutil
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

from convert.errors import RuntimeFailure
from convert.graph.graph import Graph
from convert.graph.run import function
from convert.runtimes import RUNTIMES, for_target
from convert.vocabulary import DEFAULT_SCHEMES
from convert.vocabulary import TARGETS as TARGET_NAMES

from .nets import picture
from .written import Kind, Written

BOUNDS = {"float32": 1e-5, "float16": 2e-3, "uint8": 0.1}
"""The largest difference to the float graph, of the range of its answer. In eight bits rare peaks
are cut off where that makes the rest truer."""
MEAN_BOUNDS = {"float32": 1e-6, "float16": 5e-4, "uint8": 0.01}
"""The root of the mean square of all differences, likewise."""


@pytest.fixture(scope="module")
def answer(core: Graph) -> np.ndarray:
    return function(core)(picture(1))[0]


@pytest.fixture(params=TARGET_NAMES)
def plain(request: pytest.FixtureRequest, written: dict[Kind, Written]) -> Written:
    """The float32 file of each target."""
    return written[request.param, "float32", "NHWC"]


def test_a_file_answers_as_the_graph_it_was_made_of(file: Written, answer: np.ndarray) -> None:
    found = file.opened().run({"image": picture(1)})["logits"]
    assert found.dtype == np.float32
    extent = np.ptp(answer)
    assert np.abs(found - answer).max() <= BOUNDS[file.scheme] * extent
    assert np.sqrt(np.square(found - answer).mean()) <= MEAN_BOUNDS[file.scheme] * extent


def test_a_file_answers_twice_the_same(file: Written) -> None:
    session = file.opened()
    first = session.run({"image": picture(1)})["logits"].copy()
    session.run({"image": picture(2)})
    np.testing.assert_array_equal(session.run({"image": picture(1)})["logits"], first)


def test_an_answer_is_not_overwritten_by_the_next(plain: Written) -> None:
    session = plain.opened()
    first = session.run({"image": picture(1)})["logits"]
    kept = first.copy()
    session.run({"image": picture(2)})
    np.testing.assert_array_equal(first, kept)


def test_what_is_loaded_can_be_run_again_and_again(file: Written) -> None:
    session = file.opened()
    session.load({"image": picture(1)})
    for _ in range(3):
        session.invoke()


def test_two_threads_answer_as_one_does(plain: Written, answer: np.ndarray) -> None:
    session = plain.opened(threads=2)
    assert session.facts.threads == 2
    np.testing.assert_allclose(session.run({"image": picture(1)})["logits"], answer, atol=1e-4)


def test_a_picture_of_another_size_is_refused_with_both_sizes(plain: Written) -> None:
    with pytest.raises(RuntimeFailure, match=r"'image'.*\[1, 8, 8, 3\].*\[1, 17, 25, 3\]"):
        plain.opened().run({"image": np.zeros((1, 8, 8, 3), np.float32)})


def test_an_unknown_input_is_refused_by_name(plain: Written) -> None:
    with pytest.raises(RuntimeFailure, match=r"no input 'picture'.*image"):
        plain.opened().run({"picture": picture(1)})


def test_a_missing_input_is_refused_by_name(plain: Written) -> None:
    with pytest.raises(RuntimeFailure, match="'image' is missing"):
        plain.opened().run({})


@pytest.mark.parametrize("side", ["inputs", "outputs"])
def test_a_signature_of_another_shape_is_refused(plain: Written, side: str) -> None:
    spec = getattr(plain.signature, side)[0]
    other = plain.signature.model_copy(update={side: (spec.model_copy(update={"shape": (1, 7)}),)})
    with pytest.raises(RuntimeFailure, match=rf"{spec.name}.*\[1, 7\]"):
        for_target(plain.target).open_session(plain.path, other, 1)


@pytest.mark.parametrize("side", ["inputs", "outputs"])
def test_a_signature_of_another_name_is_refused(plain: Written, side: str) -> None:
    spec = getattr(plain.signature, side)[0]
    other = plain.signature.model_copy(update={side: (spec.model_copy(update={"name": "x"}),)})
    with pytest.raises(RuntimeFailure, match=f"no tensor 'x'; it has {spec.name}"):
        for_target(plain.target).open_session(plain.path, other, 1)


def halved(content: bytes) -> bytes:
    return content[: len(content) // 2]


def scrambled(content: bytes) -> bytes:
    return np.random.default_rng(3).bytes(len(content))


def emptied(content: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("spoil", [halved, scrambled, emptied])
def test_a_broken_file_is_refused_at_once_and_by_name(plain: Written, spoil, tmp_path) -> None:
    broken = tmp_path / plain.path.name
    for part in [plain.path] if plain.path.is_file() else sorted(plain.path.iterdir()):
        copy = broken if part == plain.path else broken / part.name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(spoil(part.read_bytes()))
    refused(plain, broken)


def test_a_tfjs_model_with_a_broken_shard_is_refused(
    written: dict[Kind, Written], tmp_path: Path
) -> None:
    whole = written["tfjs", "float32", "NHWC"]
    for spoil in (halved, emptied, lambda content: content + b"\0"):
        broken = shutil.copytree(whole.path, tmp_path / "model", dirs_exist_ok=True)
        (shard,) = broken.glob("*.bin")
        shard.write_bytes(spoil((whole.path / shard.name).read_bytes()))
        refused(whole, broken)
        shard.unlink()
        refused(whole, broken)


def test_a_file_that_is_not_there_is_refused(plain: Written, tmp_path: Path) -> None:
    refused(plain, tmp_path / "nothing")


def refused(file: Written, path: Path) -> None:
    start = perf_counter()
    with pytest.raises(RuntimeFailure, match=path.name):
        for_target(file.target).open_session(path, file.signature, 1)
    assert perf_counter() - start < 5


def test_litert_says_how_many_operators_xnnpack_took(written: dict[Kind, Written]) -> None:
    for scheme in DEFAULT_SCHEMES:
        facts = written["tflite", scheme, "NHWC"].opened().facts
        assert facts.total_ops is not None
        assert facts.delegated_ops is not None
        assert 3 <= facts.delegated_ops <= facts.total_ops


def test_every_target_has_a_runtime_that_is_installed() -> None:
    assert {runtime.TARGET for runtime in RUNTIMES.values()} == set(TARGET_NAMES)
    for name, runtime in RUNTIMES.items():
        assert name == runtime.NAME
        assert runtime.missing() is None
        assert runtime.version()[0].isdigit()


def test_only_runtimes_that_users_have_are_timed() -> None:
    assert [name for name, runtime in RUNTIMES.items() if not runtime.MEASURED] == [
        "tfjs-by-tensorflow"
    ]
