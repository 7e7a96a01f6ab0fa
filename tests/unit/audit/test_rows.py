"""A variant is on a front where no published one is as good and costs less."""

from collections.abc import Callable
from typing import Any

import pytest

from convert.audit.rows import Row, axes, front, rows_of
from convert.report import Latency, Report


def by_name(report: Report) -> dict[str, Row]:
    return {row.variant: row for row in rows_of(report)}


def test_what_is_smaller_or_better_than_all_others_is_on_the_front(report: Report) -> None:
    rows = rows_of(report)
    found = front(rows, axes(rows)["bytes"])
    assert found == ("tflite-uint8", "tflite-float16", "tflite-float32")


def test_a_beaten_variant_says_by_whom(report: Report) -> None:
    row = by_name(report)["tfjs-float32"]
    assert row.fronts == ()
    assert row.beaten_by == "tflite-float32"


def test_what_is_not_published_is_on_no_front_and_beats_nobody(report: Report) -> None:
    rows = by_name(report)
    assert rows["tfjs-uint8"].outcome == "refused"
    assert rows["tfjs-uint8"].why == "mIoU drop 35.00 points, at most 3.00"
    assert rows["onnx-uint8"].outcome == "failed"
    assert not rows["tfjs-uint8"].fronts + rows["onnx-uint8"].fronts
    assert "tfjs-uint8" not in {row.beaten_by for row in rows.values()}


def test_the_last_bits_of_a_float_win_nothing(report_of: Any, variant: Any) -> None:
    report = report_of(
        variant("tflite-float32", 0.75, 8_000_000), variant("tfjs-float32", 0.750_000_01, 9_000_000)
    )
    assert by_name(report)["tfjs-float32"].beaten_by == "tflite-float32"


def test_equal_variants_stand_on_the_front_together(report_of: Any, variant: Any) -> None:
    rows = rows_of(report_of(variant("tflite-uint8", 0.74, 10), variant("onnx-uint8", 0.74, 10)))
    assert [row.fronts for row in rows] == [("bytes", "brotli")] * 2


def test_each_runtime_has_a_front_of_its_own(report: Report) -> None:
    assert list(axes(rows_of(report))) == ["bytes", "brotli", "ms litert"]


def test_the_fewest_threads_count_and_drawn_gpus_do_not(
    report_of: Any, variant: Any, latency: Callable[..., Latency]
) -> None:
    times = (latency(9.0), latency(5.0, threads=2))
    (row,) = rows_of(report_of(variant("tflite-float32", 0.75, 10, latency=times)))
    assert {name: one.min_ms for name, one in row.times.items()} == {"litert": 9.0}


def test_the_interval_is_that_of_the_figure_itself(report: Report) -> None:
    assert by_name(report)["tflite-uint8"].interval == pytest.approx((0.72, 0.74))
