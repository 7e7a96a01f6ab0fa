"""A bound holds or it does not; what was not taken does not hold."""

import numpy as np
import pytest

from convert.metrics import METRICS
from convert.observations import Observations
from convert.recipe import Bounds
from convert.report import Latency, Measured
from convert.stages.judge import judge, score


def timed(ratio: float | None, threads: int = 1) -> Latency:
    return Latency(
        runtime="litert",
        threads=threads,
        min_ms=1,
        p50_ms=1,
        p90_ms=1,
        runs=50,
        load=0.1,
        ratio_to_float32=ratio,
    )


def judged(bounds: Bounds, *, drop: float | None = 0.0, size: int = 100, latency=()):
    return judge(
        bounds,
        headline="miou",
        measured=Measured(value=0.5, drop=drop),
        size=size,
        latency=tuple(latency),
    )


def test_no_bound_is_no_verdict():
    assert judged(Bounds(), drop=0.9) == ()


def test_a_verdict_says_what_was_found_and_what_was_allowed():
    (verdict,) = judged(Bounds(drop=0.01), drop=0.002)
    assert (verdict.gate, verdict.bound, verdict.value) == ("miou_drop", 0.01, 0.002)
    assert verdict.passed


@pytest.mark.parametrize(
    ("drop", "passed"),
    [(0.0099, True), (0.01, True), (0.0101, False), (-0.2, True), (float("nan"), False)],
)
def test_a_drop_may_reach_its_bound_and_no_more(drop: float, passed: bool):
    (verdict,) = judged(Bounds(drop=0.01), drop=drop)
    assert verdict.passed is passed


@pytest.mark.parametrize(("agreement", "passed"), [(0.996, True), (0.995, True), (0.994, False)])
def test_an_agreement_must_be_reached(agreement: float, passed: bool):
    (verdict,) = judge(
        Bounds(agreement=0.995),
        headline="miou",
        measured=Measured(value=0.5),
        agreement=agreement,
        size=1,
        latency=(),
    )
    assert verdict.gate == "disagreement"
    assert verdict.value == pytest.approx(1 - agreement)
    assert verdict.passed is passed


def test_the_last_bit_of_a_difference_fails_no_gate():
    (verdict,) = judged(Bounds(drop=0.1), drop=0.9 - 0.8)
    assert 0.9 - 0.8 != 0.1
    assert verdict.passed


def test_a_bound_of_nothing_refuses_any_drop():
    assert judged(Bounds(drop=0.0), drop=0.0)[0].passed
    assert not judged(Bounds(drop=0.0), drop=1e-6)[0].passed


def test_a_drop_that_was_not_taken_fails():
    (verdict,) = judged(Bounds(drop=0.01), drop=None)
    assert verdict.value is None
    assert not verdict.passed


@pytest.mark.parametrize(("size", "passed"), [(99, True), (100, True), (101, False)])
def test_bytes_are_held_to_their_bound(size: int, passed: bool):
    (verdict,) = judged(Bounds(bytes=100), size=size)
    assert (verdict.gate, verdict.value, verdict.passed) == ("bytes", size, passed)


@pytest.mark.parametrize(("ratio", "passed"), [(0.5, True), (0.8, True), (0.81, False)])
def test_latency_is_judged_on_one_thread(ratio: float, passed: bool):
    times = [timed(9.0, threads=2), timed(ratio)]
    (verdict,) = judged(Bounds(latency_ratio=0.8), latency=times)
    assert (verdict.gate, verdict.value, verdict.passed) == ("latency_ratio", ratio, passed)


@pytest.mark.parametrize("times", [[], [timed(None)], [timed(0.1, threads=2)]])
def test_latency_that_was_not_taken_fails_its_gate(times: list[Latency]):
    (verdict,) = judged(Bounds(latency_ratio=0.8), latency=times)
    assert verdict.value is None
    assert not verdict.passed


def test_every_bound_is_judged_by_itself():
    bounds = Bounds(drop=0.01, latency_ratio=0.8, bytes=100)
    verdicts = judged(bounds, drop=0.02, size=50, latency=[timed(0.5)])
    assert {v.gate: v.passed for v in verdicts} == {
        "miou_drop": False,
        "latency_ratio": True,
        "bytes": True,
    }


def pictures(right: list[int], equal: list[int]) -> Observations:
    """Classified pictures: whether each is right, and whether as the reference has it."""
    return Observations(
        statistics=np.array([[hit, 1, 1] for hit in right], np.float64),
        agreed=np.array(equal),
        counted=np.ones(len(equal), int),
    )


REFERENCE = pictures([1, 1, 1, 0], [1, 1, 1, 1])


def test_a_worse_model_has_a_positive_drop():
    found = score(METRICS["top_k"], pictures([1, 0, 0, 0], [1, 0, 0, 1]), REFERENCE)
    assert found["top1"].value == 0.25
    assert found["top1"].drop == 0.5
    assert found["top5"].drop == 0.0


def test_a_better_model_has_a_negative_drop():
    found = score(METRICS["top_k"], pictures([1, 1, 1, 1], [1, 1, 1, 0]), REFERENCE)
    assert found["top1"].drop == -0.25


def test_the_headline_alone_has_an_interval_and_it_holds_the_drop():
    found = score(METRICS["top_k"], pictures([1, 0, 0, 0], [1, 0, 0, 1]), REFERENCE)
    low, high = found["top1"].drop_ci95
    assert low <= found["top1"].drop <= high
    assert low < high
    assert found["top5"].drop_ci95 is None
    assert found["agreement"].drop_ci95 is None


def test_a_model_against_itself_drops_nothing():
    found = score(METRICS["top_k"], REFERENCE, REFERENCE)
    assert (found["top1"].drop, found["top1"].drop_ci95) == (0.0, (0.0, 0.0))
    assert found["agreement"].value == 1.0


def test_agreement_is_over_labels_and_not_over_pictures():
    seen = Observations(
        statistics=np.ones((2, 3, 2)), agreed=np.array([90, 1]), counted=np.array([90, 10])
    )
    assert score(METRICS["miou"], seen, seen)["agreement"].value == 0.91
    assert score(METRICS["miou"], seen, seen)["agreement"].drop is None


def test_pictures_without_a_counted_label_agree_in_nothing():
    none = Observations(
        statistics=np.zeros((2, 3, 2)), agreed=np.zeros(2, int), counted=np.zeros(2, int)
    )
    found = score(METRICS["miou"], none, none)
    assert found["agreement"].value == 0.0
    assert np.isnan(found["miou"].value)
    (verdict,) = judge(
        Bounds(drop=0.5), headline="miou", measured=found["miou"], size=1, latency=()
    )
    assert not verdict.passed
