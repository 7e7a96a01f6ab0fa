"""Work ends soon after Ctrl-C, wherever it is."""

import pytest

from convert.pipeline import stoppable
from convert.pipeline.stoppable import Stoppable
from convert.progress import Silence


def test_counted_work_ends_at_its_next_tick() -> None:
    progress = Stoppable(Silence())
    with progress.count("x", 3, "pictures") as tick:
        tick()
        progress.stop()
        with pytest.raises(KeyboardInterrupt):
            tick()


def test_no_further_stage_begins() -> None:
    progress = Stoppable(Silence())
    progress.stage("tflite-uint8", "convert")
    progress.stop()
    with pytest.raises(KeyboardInterrupt):
        progress.stage("tflite-uint8", "verify")


def test_a_ctrl_c_that_was_lost_ends_the_work_at_the_next_stage() -> None:
    progress = Stoppable(Silence())
    stoppable.interrupted.set()
    try:
        with pytest.raises(KeyboardInterrupt):
            progress.stage("", "cut")
    finally:
        stoppable.interrupted.clear()
