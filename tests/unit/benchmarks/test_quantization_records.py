"""The benchmark of eight-bit files: what is kept, what is done again, and the page of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from benchmarks.quantization import child
from benchmarks.quantization.ablation import METHODS, NONE, steps
from benchmarks.quantization.contestant import Contestant, settled
from benchmarks.quantization.environments import pins_of
from benchmarks.quantization.page import page
from benchmarks.quantization.peers import PEERS
from benchmarks.quantization.records import Cost, Kept, Measured, Row, Time, load, save
from convert.errors import ToolError
from convert.quantizers.methods import Methods

ROW = Row(
    key="k",
    target="tflite",
    title="somebody's file",
    sha256="00",
    bytes=1234567,
    bytes_brotli=1000,
    value=0.5521,
    drop=0.0149,
    drop_ci95=(-0.001, 0.035),
    agreement=0.98204,
    cost=Cost(seconds=12.4, cpu_seconds=9.6, peak_mb=801.2),
)
MEASURED = Measured(
    metric="miou",
    dataset="voc val",
    pictures=100,
    calibration=50,
    reference=0.5673,
    rows={"somebody": ROW},
    times={"somebody": Time(p50_ms=25.31, ratio=0.42)},
)


@dataclass
class Folder:
    """What `settled` looks at of a subject."""

    folder: Path


@dataclass
class Maker:
    """Fails, and counts how often it was asked."""

    asked: list[Path] = field(default_factory=list)

    def __call__(self, folder: Path) -> None:
        self.asked.append(folder)
        raise ToolError("the tool fell over")


def test_what_is_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    kept = Kept(date="2026-01-01", models={"m": MEASURED})

    save(tmp_path / "deep" / "measured.json", kept)

    assert load(tmp_path / "deep" / "measured.json") == kept
    assert load(tmp_path / "nothing.json") == Kept()


def test_the_page_gives_points_intervals_bytes_and_ratios() -> None:
    written = page(Kept(date="2026-01-01", models={"m": MEASURED}))

    (line,) = (line for line in written.splitlines() if line.startswith("| somebody's"))
    assert line.split(" | ")[1:] == [
        "1,234,567", "1,000", "55.21", "1.49", "-0.10 to 3.50", "98.20 %", "25.31", "0.42",
        "12", "10", "801 |",
    ]  # fmt: skip
    assert "100 pictures of voc val, 50 for calibration; miou of the uncut graph 56.73" in written


def test_the_page_tells_who_failed_and_why() -> None:
    failed = Row(key="k", target="tflite", title="somebody's file", error="no kernel for ADD_N")

    written = page(Kept(models={"m": MEASURED.model_copy(update={"rows": {"somebody": failed}})}))

    assert "- somebody's file failed: no kernel for ADD_N" in written


@pytest.fixture
def attempt(tmp_path: Path) -> Callable[..., tuple[Row, int]]:
    """Settles a row whose maker fails: the row, and how often the maker was asked."""

    def settle(kept: Row | None, **how: bool) -> tuple[Row, int]:
        maker = Maker()
        row = Row(key="k", target="tflite", title="x")
        one = Contestant(name="x", making="m", row=row, make=maker)
        return settled(Folder(tmp_path), one, kept, **how), len(maker.asked)

    return settle


def test_a_failure_is_a_row_that_is_not_tried_again_unless_asked(
    attempt: Callable[..., tuple[Row, int]],
) -> None:
    failed, asked = attempt(None)
    assert (failed.error, asked) == ("the tool fell over", 1)
    assert attempt(failed) == (failed, 0)
    assert attempt(failed, retry=True) == (failed, 1)


def test_a_row_of_another_making_or_without_its_file_is_done_again(
    attempt: Callable[..., tuple[Row, int]],
) -> None:
    assert attempt(ROW.model_copy(update={"key": "another"}))[1] == 1
    assert attempt(ROW)[1] == 1


def test_a_child_is_measured_by_itself(tmp_path: Path) -> None:
    script = tmp_path / "maker.py"
    script.write_text("held = bytearray(90_000_000)\nheld[::4096] = b'x' * len(held[::4096])\n")

    cost = child.run([_python(), str(script)], {}, tmp_path)

    assert 90 < cost.peak_mb < 300
    assert 0 < cost.cpu_seconds <= cost.seconds * 4


def test_a_child_that_fails_says_its_last_words(tmp_path: Path) -> None:
    script = tmp_path / "maker.py"
    script.write_text("raise ValueError('not this graph')\n")

    with pytest.raises(ToolError, match="ValueError: not this graph"):
        child.run([_python(), str(script)], {}, tmp_path)


def _python() -> str:
    import sys

    return sys.executable


def test_the_ablation_ends_at_what_files_are_made_with() -> None:
    found = steps("tflite")

    assert found["nothing"] == NONE
    assert Methods(**list(found.values())[-1]) == Methods()
    assert all(f"only {method.title}" in found for method in METHODS)


def test_every_peer_has_its_maker_and_its_pins() -> None:
    makers = Path(child.__file__).parent / "makers"
    for peer in PEERS:
        assert (makers / f"{peer.maker}.py").is_file()
        assert peer.packages or peer.environment
        if peer.environment:
            assert peer.environment in pins_of(peer.environment)
