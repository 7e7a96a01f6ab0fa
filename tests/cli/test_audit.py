"""`convert audit` and `convert why` say what is wrong, and where the answer is."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from convert.report import Report

Call = Callable[..., Result]


@pytest.fixture
def reported(home: Path) -> Path:
    """A folder with one report of two variants."""
    latency = {
        "runtime": "litert", "threads": 1, "min_ms": 4.0, "p50_ms": 4.1, "p90_ms": 5.0,
        "runs": 50, "load": 0.1,
    }  # fmt: skip

    def variant(scheme: str, value: float, size: int) -> dict[str, object]:
        drop = 0.6 - value
        return {
            "target": "tflite", "scheme": scheme, "bytes": size, "bytes_brotli": size // 2,
            "metrics": {
                "miou": {"value": value, "drop": drop, "drop_ci95": [drop - 0.01, drop + 0.01]},
                "agreement": {"value": 0.99},
            },
            "latency": [latency], "passed": True,
        }  # fmt: skip

    report = Report.model_validate(
        {
            "recipe": "toy",
            "recipe_sha256": "0" * 64,
            "convert_version": "1",
            "machine": {
                "system": "x", "processor": "y", "cores": 2, "memory_gb": 8, "python": "3.11",
            },
            "tools": {},
            "source": {"sha256": "0" * 64, "bytes": 1, "format": "onnx", "license": "MIT"},
            "cut": {"images": 8, "figure": "agreement", "value": 1, "bound": 0.9, "passed": True},
            "reference": {"metrics": {"miou": 0.6}, "images": 10, "dataset": "voc", "split": "val"},
            "variants": [variant("float32", 0.6, 8_000_000), variant("uint8", 0.58, 2_000_000)],
            "seconds": 1,
            "passed": True,
        }
    )  # fmt: skip
    path = home / "models/out/toy/report.json"
    path.parent.mkdir(parents=True)
    path.write_text(report.model_dump_json())
    return path


def test_without_a_report_it_says_how_to_get_one(call: Call) -> None:
    found = call("audit")
    assert found.exit_code == 2
    assert "convert run deeplab-shapes" in found.stderr


def test_a_recipe_without_a_report_is_named(call: Call, reported: Path) -> None:
    found = call("audit", "other")
    assert found.exit_code == 2
    assert "other has no report" in found.stderr


def test_a_broken_report_is_named_with_its_key(call: Call, reported: Path) -> None:
    reported.write_text('{"recipe": "toy"}')
    found = call("audit")
    assert found.exit_code == 3
    assert str(reported) in found.stderr.replace("\n", "")


def test_the_table_has_every_variant(call: Call, reported: Path) -> None:
    found = call("audit")
    assert found.exit_code == 0
    assert "tflite-float32*" in found.stdout
    assert "2.00 (1.00…3.00)" in found.stdout


def test_a_budget_is_answered_and_one_that_nothing_keeps_to_ends_in_1(
    call: Call, reported: Path
) -> None:
    found = call("audit", "--budget", "bytes<=3MB")
    assert found.exit_code == 0
    assert "publish   tflite-uint8: miou 0.5800, drop 0.0200, 2.0 MB" in found.stdout
    none = call("audit", "--budget", "bytes<=1MB")
    assert none.exit_code == 1
    assert "nothing published keeps to it" in none.stdout


def test_a_budget_is_read_before_anything_is_looked_at(call: Call, home: Path) -> None:
    found = call("audit", "--budget", "small")
    assert found.exit_code == 2
    assert "'small' is no bound" in found.stderr


def test_json_has_rows_and_answers(call: Call, reported: Path) -> None:
    found = json.loads(call("audit", "--json", "--budget", "bytes<=3MB").stdout)
    assert [one.get("variant") for one in found] == ["tflite-float32", "tflite-uint8", None]
    assert found[2]["best"]["variant"] == "tflite-uint8"


def test_files_are_written_where_they_are_asked_for(call: Call, reported: Path, home: Path) -> None:
    found = call("audit", "--csv", "a.csv", "--markdown", "a.md", "--catalogue")
    assert found.exit_code == 0
    assert (home / "a.csv").read_text().count("\n") == 3
    assert "## toy" in (home / "a.md").read_text()
    assert "Published models" in (home / "models/out/catalogue.html").read_text()


def test_why_of_no_published_folder_is_refused(call: Call, home: Path) -> None:
    found = call("why", home)
    assert found.exit_code == 2
    assert "manifest.json" in found.stderr
