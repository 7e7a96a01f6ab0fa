"""A budget is answered by what to publish, the next best, and why the others are out."""

import re
from typing import Any

import pytest

from convert.audit.budget import Answer, answers, parse_budget
from convert.audit.rows import rows_of
from convert.errors import UsageError
from convert.report import Report


def answer(report: Report, budget: str) -> Answer:
    (found,) = answers(parse_budget(budget), rows_of(report))
    return found


def chosen(found: Answer) -> list[str | None]:
    return [one and one.variant for one in (found.best, found.next_best)]


@pytest.mark.parametrize(
    ("text", "quantity", "compare", "bound"),
    [
        ("bytes<=1MB", "bytes", "<=", 1e6),
        ("bytes < 1.5 MiB", "bytes", "<", 1.5 * 2**20),
        ("brotli<=300kB", "brotli", "<=", 3e5),
        ("miou_drop<=0.005", "miou_drop", "<=", 0.005),
        ("miou_drop≤0.5%", "miou_drop", "<=", 0.005),
        ("drop<=1pt", "drop", "<=", 0.01),
        ("ms<=5", "ms", "<=", 5),
        ("ms<=0.1s", "ms", "<=", 100),
        ("agreement>=98%", "agreement", ">=", 0.98),
        ("miou>1e-1", "miou", ">", 0.1),
    ],
)
def test_a_bound_is_read(text: str, quantity: str, compare: str, bound: float) -> None:
    (term,) = parse_budget(text)
    assert (term.quantity, term.compare) == (quantity, compare)
    assert term.bound == pytest.approx(bound)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no bound is given"),
        ("bytes=1MB", "'bytes=1MB' is no bound"),
        ("bytes<=", "'bytes<=' is no bound"),
        ("bytes<=1MB miou>0.5", "is no bound"),
        ("bytes<=1ms", "bytes has no unit 'ms'"),
        ("miou_drop<=1MB", "miou_drop has no unit 'MB'"),
    ],
)
def test_what_cannot_be_read_is_quoted(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=re.escape(says)) as caught:
        parse_budget(text)
    assert caught.value.hint


def test_a_figure_that_no_recipe_has_is_refused_with_those_there_are(report: Report) -> None:
    with pytest.raises(UsageError, match="'top1' is no figure") as caught:
        answer(report, "top1>=0.5")
    assert "miou_drop" in str(caught.value.hint)


def test_a_bound_on_bytes_alone_asks_for_the_smallest_drop(report: Report) -> None:
    assert chosen(answer(report, "bytes<=5MB")) == ["tflite-float16", "tflite-uint8"]


def test_a_bound_on_accuracy_alone_asks_for_the_fastest(report: Report) -> None:
    found = answer(report, "miou_drop<=0.025")
    assert chosen(found) == ["tflite-uint8", "tflite-float16"]
    assert "fastest" in found.ranked_by


def test_times_within_five_percent_are_one_and_the_download_decides(report: Report) -> None:
    assert chosen(answer(report, "miou_drop<=0.01")) == ["tflite-float16", "tflite-float32"]


def test_accuracy_and_time_bounded_asks_for_the_smallest(report: Report) -> None:
    assert chosen(answer(report, "drop<=0.03, ms<=20"))[0] == "tflite-uint8"


def test_what_is_out_says_what_it_misses(report: Report) -> None:
    assert answer(report, "bytes<=2MB, ms<=20").misses == {
        "tflite-float32": "bytes 8.0 MB",
        "tflite-float16": "bytes 4.0 MB",
        "tfjs-float32": "bytes 8.5 MB, ms was not taken",
        "tfjs-uint8": "refused: mIoU drop 35.00 points, at most 3.00",
        "onnx-uint8": "failed: the converter <b>broke</b>",
    }


def test_a_refused_variant_is_never_the_answer(report: Report) -> None:
    found = answer(report, "bytes<=1MB")
    assert chosen(found) == [None, None]


def test_a_drop_whose_interval_reaches_beyond_the_bound_is_doubted(report: Report) -> None:
    assert "reaches 0.0300" in answer(report, "bytes<=2MB, miou_drop<=0.025").best.doubt  # type: ignore[union-attr]
    assert answer(report, "bytes<=2MB, miou_drop<=0.04").best.doubt == ""  # type: ignore[union-attr]


def test_a_bound_holds_to_the_last_bit_of_a_float(report_of: Any, variant: Any) -> None:
    report = report_of(variant("tflite-uint8", 0.75 - 0.1, 10, bound=0.2))
    assert answer(report, "miou_drop<=0.1").best


def test_recipes_without_the_figure_are_left_out(report_of: Any, variant: Any) -> None:
    (one,) = rows_of(report_of(variant("tflite-uint8", 0.74, 10)))
    metrics = {"top1": one.metrics["miou"], "agreement": one.metrics["agreement"]}
    other = one.model_copy(update={"recipe": "other", "headline": "top1", "metrics": metrics})
    assert [found.recipe for found in answers(parse_budget("miou>=0.1"), [one, other])] == ["toy"]
