"""The rows as Markdown and CSV hold every variant, and every figure."""

import csv
import io

from convert.audit.rows import rows_of
from convert.audit.tables import COLUMNS, as_csv, markdown
from convert.report import Report


def test_csv_has_a_line_a_variant_and_its_figures_unrounded(report: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(rows_of(report)))))
    assert [row["variant"] for row in rows] == [f"{v.target}-{v.scheme}" for v in report.variants]
    assert list(rows[0]) == list(COLUMNS)
    eight = rows[2]
    assert float(eight["drop_high95"]) == report.variants[2].metrics["miou"].drop_ci95[1]  # type: ignore[index]
    assert (eight["runtime"], float(eight["min_ms"])) == ("litert", 5.0)
    assert eight["fronts"] == "bytes brotli ms:litert"


def test_csv_leaves_empty_what_was_not_taken(report: Report) -> None:
    failed = list(csv.DictReader(io.StringIO(as_csv(rows_of(report)))))[-1]
    assert failed["why"] == "the converter <b>broke</b>"
    assert {failed[key] for key in ("value", "bytes", "min_ms", "drop_low95")} == {""}


def test_markdown_marks_the_fronts_and_stays_a_table(report: Report) -> None:
    text = markdown(rows_of(report))
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in lines}) == 1
    assert "| **tflite-uint8** | 0.7300 | 2.00 | 1.00…3.00 | 2.0 MB | 1.0 MB | 5.00 |" in text
    assert "| tfjs-float32 |" in text
