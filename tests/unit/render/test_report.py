"""The summary is the table a person wants, and says why something is not published."""

import re
from pathlib import Path

import pytest

from convert.errors import SourceError
from convert.machine import machine
from convert.render.outcomes import show_outcomes
from convert.render.report import show_report
from convert.report import (
    CutProof,
    Elsewhere,
    Latency,
    Measured,
    Reference,
    Report,
    SourceFacts,
    Variant,
    Verdict,
)
from convert.vocabulary import Scheme


def latency(ratio: float) -> Latency:
    return Latency(
        runtime="litert",
        threads=1,
        min_ms=999.0,
        p50_ms=1234.5,
        p90_ms=2000.0,
        runs=50,
        load=0.1,
        ratio_to_float32=ratio,
    )


def variant(scheme: Scheme, drop: float, size: int, bound: float = 0.03) -> Variant:
    passed = drop <= bound
    return Variant(
        target="tflite",
        scheme=scheme,
        bytes=size,
        metrics={
            "miou": Measured(value=0.75 - drop, drop=drop, drop_ci95=(drop - 0.2, drop + 0.2)),
            "agreement": Measured(value=0.98765),
        },
        latency=(latency(0.51),),
        gates=(Verdict(gate="miou_drop", bound=bound, value=drop, passed=passed),),
        passed=passed,
    )


@pytest.fixture
def report() -> Report:
    failed = Variant(target="onnx", scheme="uint8", error="the converter [x] broke")
    variants = (
        variant("float32", 0.0, 139_000_000),
        variant("uint8", 0.5, 35_000_000),
        failed,
    )
    return Report(
        recipe="toy",
        recipe_sha256="0" * 64,
        convert_version="1",
        machine=machine(),
        tools={},
        source=SourceFacts(sha256="0" * 64, bytes=1, format="frozen_graph", license="MIT"),
        cut=CutProof(images=8, figure="agreement", value=1.0, bound=0.999, passed=True),
        reference=Reference(metrics={"miou": 0.75}, images=100, dataset="voc", split="val"),
        variants=variants,
        seconds=95.0,
        passed=False,
    )


def test_every_variant_has_a_line_and_what_is_missing_a_reason(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    show_report(report, Path("models/out/toy"))
    assert (
        capsys.readouterr().out
        == """\
toy
  reference  mIoU 0.7500 on 100 pictures of voc val
  cut        agreement 1 with the uncut graph, 8 pictures

variant               bytes     x    mIoU                 drop   agree       ms     x  gates
──────────────────────────────────────────────────────────────────────────────────────────────
tflite-float32  139,000,000  1.00  0.7500  0.00 (-20.00…20.00)  98.77%  1234.50  0.51  passed
tflite-uint8     35,000,000  0.25  0.2500  50.00 (30.00…70.00)  98.77%  1234.50  0.51  refused

onnx-uint8                                                                             failed

drop in points with its 95 % interval; x: against the target's float32
tflite-uint8 refused: mIoU drop 50.00 points, at most 3.00
onnx-uint8 failed: the converter [x] broke
1 of 3 published in models/out/toy in 1 min 35 s
"""
    )


def test_several_recipes_end_in_one_table(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = SourceError("other: no place gave it\n  for two reasons")
    show_outcomes({"toy": report, "other": broken}, as_json=False)
    assert [line.split(maxsplit=4) for line in capsys.readouterr().out.splitlines()[3:]] == [
        ["toy", "1", "of", "3", "mIoU 0.7500  1 min 35 s  tflite-uint8 refused, onnx-uint8 failed"],
        ["other", "exit", "3", "no", "place gave it"],
    ]


def test_what_the_browser_made_of_a_file_is_listed_by_runtime(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    right = Elsewhere(
        runtime="litert-web",
        browser="156.0",
        images=3,
        metrics={
            "miou": Measured(value=0.7321, drop=0.0179),
            "agreement": Measured(value=0.9512),
        },
        passed=True,
    )
    wrong = Elsewhere(
        runtime="litert-web-webgpu", browser="156.0", images=0, error="silently wrong: [so]"
    )
    first, *others = report.variants
    there = first.model_copy(update={"web": (right, wrong)})
    show_report(report.model_copy(update={"variants": (there, *others)}), Path("out"))
    shown = capsys.readouterr().out
    assert "in Chromium 156.0" in shown
    assert re.search(r"tflite-float32 +litert-web +3 +0\.7321 +1\.79 +95\.12% +right", shown)
    assert "tflite-float32 on litert-web-webgpu: silently wrong: [so]" in shown


def test_without_a_browser_no_word_is_said_of_it(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    show_report(report, Path("out"))
    assert "Chromium" not in capsys.readouterr().out
