"""A report as a run would write it, with what a test wants of it."""

from collections.abc import Callable
from typing import Any

import pytest

from convert.machine import machine
from convert.report import (
    CutProof,
    Latency,
    Measured,
    Reference,
    Report,
    SourceFacts,
    Variant,
    Verdict,
)

Made = Callable[..., Variant]


def _latency(ms: float, runtime: str = "litert", threads: int = 1, **more: Any) -> Latency:
    times = {"min_ms": ms, "p50_ms": 1.1 * ms, "p90_ms": 1.3 * ms}
    return Latency(runtime=runtime, threads=threads, **times, runs=50, load=0.1, **more)


def _variant(
    key: str, value: float, size: int, ms: float | None = None, bound: float = 0.03, **more: Any
) -> Variant:
    target, scheme = key.split("-")
    drop = 0.75 - value
    runtime = {"tflite": "litert", "onnx": "onnxruntime"}.get(target, "")
    return Variant.model_validate(
        {
            "target": target,
            "scheme": scheme,
            "path": f"{key}/model",
            "sha256": "a" * 64,
            "bytes": size,
            "bytes_brotli": size // 2,
            "metrics": {
                "miou": Measured(value=value, drop=drop, drop_ci95=(drop - 0.01, drop + 0.01)),
                "agreement": Measured(value=0.98),
            },
            "per_class": (value + 0.1, value - 0.1),
            "latency": (_latency(ms, runtime, ratio_to_float32=0.5),) if ms else (),
            "gates": (Verdict(gate="miou_drop", bound=bound, value=drop, passed=drop <= bound),),
            "passed": drop <= bound,
            **more,
        }
    )


@pytest.fixture
def variant() -> Made:
    """`variant("tflite-uint8", value, bytes, ms)`; the reference's figure is 0.75."""
    return _variant


@pytest.fixture
def latency() -> Callable[..., Latency]:
    return _latency


@pytest.fixture
def report_of() -> Callable[..., Report]:
    """A report of these variants."""

    def made(*variants: Variant, recipe: str = "toy") -> Report:
        return Report(
            recipe=recipe,
            recipe_sha256="0" * 64,
            convert_version="1",
            machine=machine(),
            tools={"tensorflow": "2.19.0"},
            source=SourceFacts(
                sha256="0" * 64, bytes=9_000_000, format="frozen_graph", license="MIT"
            ),
            cut=CutProof(images=8, figure="agreement", value=1.0, bound=0.999, passed=True),
            reference=Reference(
                metrics={"miou": 0.75},
                per_class=(0.85, 0.65),
                images=100,
                dataset="voc",
                split="val",
            ),
            variants=variants,
            seconds=95.0,
            passed=all(one.passed for one in variants),
        )

    return made


@pytest.fixture
def report(report_of: Callable[..., Report], variant: Made) -> Report:
    """Six variants: one failed, one refused, one beaten, three worth publishing."""
    return report_of(
        variant("tflite-float32", 0.75, 8_000_000, 10.0),
        variant("tflite-float16", 0.7499, 4_000_000, 10.1),
        variant("tflite-uint8", 0.73, 2_000_000, 5.0),
        variant("tfjs-float32", 0.75, 8_500_000),
        variant("tfjs-uint8", 0.4, 1_000_000),
        Variant(target="onnx", scheme="uint8", error="the converter <b>broke</b>"),
    )
