"""The live table says which variant is at which stage, how far, and how long it took."""

import io

import pytest
from rich.console import Console

from convert.render.board import Board
from convert.vocabulary import DEFAULT_SCHEMES, TARGETS


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=80)


@pytest.fixture
def board(console: Console) -> Board:
    board = Board("shapes", 90.0, console)
    for name in ("tflite-float32", "tflite-uint8"):
        board.stage(name, "waiting")
    return board


def lines(board: Board, console: Console) -> list[str]:
    with console.capture() as capture:
        console.print(board.render())
    return [line.rstrip() for line in capture.get().splitlines()]


def row(board: Board, console: Console, name: str) -> list[str]:
    return next(line.split() for line in lines(board, console) if line.startswith(name))


def test_what_has_not_begun_is_a_dot_for_each_stage(board: Board, console: Console) -> None:
    assert lines(board, console)[0].split() == ["convert", "verify", "bench"]
    assert row(board, console, "tflite-uint8") == ["tflite-uint8", "·", "·", "·"]


def test_what_goes_on_turns_and_what_is_done_has_its_time(board: Board, console: Console) -> None:
    board.stage("tflite-float32", "convert")
    assert row(board, console, "tflite-float32")[2:4] == ["0.0", "s"]
    board.stage("tflite-float32", "waiting")
    assert row(board, console, "tflite-float32")[1:] == ["✓", "0.0", "s", "·", "·"]


def test_counted_work_stands_in_its_variants_row(board: Board, console: Console) -> None:
    board.stage("tflite-uint8", "convert")
    with board.count("tflite-uint8 calibrate", 50, "pictures") as tick:
        tick(20)
        assert row(board, console, "tflite-uint8")[2] == "20/50"
    assert row(board, console, "tflite-uint8")[2] == "0.0"


def test_other_counted_work_has_a_line_with_a_bar(board: Board, console: Console) -> None:
    with board.count("frozen_graph.pb", 2_000_000, "B") as tick:
        tick(500_000)
        (line,) = (line for line in lines(board, console) if line.startswith("frozen_graph.pb"))
    assert "━" in line
    assert "500.0 kB/2.0 MB" in line
    assert line.endswith("left")


def test_the_outcome_stands_at_the_end(board: Board, console: Console) -> None:
    board.stage("tflite-float32", "published")
    board.stage("tflite-uint8", "refused")
    assert row(board, console, "tflite-float32")[-1] == "published"
    assert row(board, console, "tflite-uint8")[-1] == "refused"


def test_the_last_line_tells_elapsed_and_expected_time(board: Board, console: Console) -> None:
    board.stage("", "pull")
    last = lines(board, console)[-1]
    assert last.startswith("shapes  0.0 s of about 1 min 30 s")
    assert last.endswith(" pull")
    board.stage("tflite-float32", "convert")
    assert not lines(board, console)[-1].endswith("pull")


def test_the_reference_stands_first(board: Board, console: Console) -> None:
    board.stage("reference", "verify")
    assert lines(board, console)[1].startswith("reference")


def test_nine_variants_and_a_bar_fit_a_small_terminal(console: Console) -> None:
    board = Board("shapes", None, console)
    names = [f"{target}-{scheme}" for target in TARGETS for scheme in DEFAULT_SCHEMES]
    for name in ("reference", *names):
        board.stage(name, "waiting")
        for stage in ("convert", "verify", "bench", "published"):
            board.stage(name, stage)
    with board.count("bench", 600, "runs"):
        shown = lines(board, console)
    assert len(shown) <= 14
    assert max(map(len, shown)) <= 80
