"""The page needs nothing else, shows every variant, and takes nothing for markup."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from convert.audit.budget import answers, parse_budget
from convert.audit.catalogue import catalogue
from convert.audit.drawing import COLOURS, png, svg
from convert.audit.page import page, plots, themed
from convert.audit.panels import differing, palette
from convert.audit.rows import rows_of
from convert.audit.section import Section
from convert.manifest import NAME, Manifest
from convert.report import Report
from convert.stages.layers import LayerError
from convert.stages.worst import Worst

pytest.importorskip("altair")
pytest.importorskip("vl_convert")


@pytest.fixture
def section(report: Report, manifest: Manifest) -> Section:
    labels = np.zeros((6, 8), np.uint8)
    found = labels.copy()
    found[2:4] = 1
    worst = Worst(
        name="a <picture>",
        answer="labels",
        image=np.full((6, 8, 3), 90, np.uint8),
        truth=labels,
        reference=labels,
        found=found,
        loss=0.25,
        agreement=0.75,
    )
    layer = LayerError(layer="conv<1>", op="CONV_2D", shape=(1, 2, 2, 4), snr_db=12.5, worst=0.1)
    return Section(
        report=report,
        rows=rows_of(report),
        recipe=manifest.recipe,
        worst={"tflite-uint8": (worst,)},
        layers={"tflite": (layer,), "onnx": (layer,)},
        whys=(),
        notes=("Nothing of <note>.",),
    )


@pytest.fixture
def made(section: Section) -> str:
    found = answers(parse_budget("bytes<=5MB"), section.rows)
    return page([section], found, "convert audit --html <x>")


def test_nothing_is_asked_of_another_place(made: str) -> None:
    asked = re.findall(r"""(?:src|href|action)=["']([^"']+)|url\(([^)]+)\)|@import (\S+)""", made)
    places = {"".join(one) for one in asked}
    assert all(one.startswith(("data:", "#")) for one in places)
    assert "default-src 'none'" in made
    spaces = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert set(re.findall(r"https?://[^\s\"'<]+", made)) <= spaces


def test_every_variant_stands_there_and_why_it_is_not_published(made: str) -> None:
    for name in ("tflite-float32", "tfjs-uint8", "onnx-uint8"):
        assert name in made
    assert "mIoU drop 35.00 points, at most 3.00" in made
    assert "publish tflite-float16" in made


def test_what_was_found_is_text_and_never_markup(made: str) -> None:
    assert "the converter &lt;b&gt;broke&lt;/b&gt;" in made
    assert "<b>broke" not in made
    assert "a &lt;picture&gt;" in made
    assert "<note>" not in made


def test_worst_pictures_stand_side_by_side(made: str) -> None:
    captions = re.findall(r"<figcaption>([^<]+)</figcaption>", made)
    wanted = ["picture", "truth", "reference", "this file", "where they differ"]
    assert [one for one in captions if one in wanted] == wanted
    assert made.count("data:image/webp;base64,") == 5
    assert "25.00 points of mIoU lost" in made


def test_every_figure_has_the_command_that_makes_it_again(made: str) -> None:
    for command in ("run toy --limit 100", "bench models/out/toy", "why models/out/toy"):
        assert f"convert {command}" in made


def test_drawings_take_the_colours_of_the_pages_theme(section: Section) -> None:
    for chart in plots([section]).values():
        drawn = svg(chart)
        left = [colour for colour in COLOURS.values() if colour in themed(drawn)]
        assert COLOURS["ink"] in drawn or COLOURS["muted"] in drawn
        assert left == []
        ET.fromstring(drawn)


def test_each_axis_has_a_chart_with_gates_and_the_reference(section: Section) -> None:
    drawn = plots([section])
    names = "bytes", "brotli", "ms-litert", "classes", "layers-tflite", "layers-onnx"
    assert set(drawn) == {f"toy-{name}" for name in names}
    shown = svg(drawn["toy-bytes"])
    assert "reference" in shown
    assert "gate −3.00" in shown
    assert "tfjs-uint8 ↓ 0.40" in shown


def test_a_plot_is_a_png_too(section: Section) -> None:
    assert png(plots([section])["toy-brotli"]).startswith(b"\x89PNG")


def test_void_pixels_do_not_differ() -> None:
    truth = np.array([[255, 0]], np.uint8)
    one, other = np.array([[1, 1]], np.uint8), np.array([[0, 0]], np.uint8)
    shown = differing(np.zeros((1, 2, 3), np.uint8), one, other, truth)
    assert shown[0, 0].tolist() == [0, 0, 0]
    assert shown[0, 1, 0] == 255


def test_labels_have_the_colours_of_pascal_voc() -> None:
    assert palette()[[0, 1, 2, 15, 20]].tolist() == [
        [0, 0, 0], [128, 0, 0], [0, 128, 0], [192, 128, 128], [0, 64, 128],
    ]  # fmt: skip


def publish(out: Path, manifest: Manifest, recipe: str) -> None:
    folder = out / recipe / "tflite-uint8"
    folder.mkdir(parents=True)
    changed = {"name": recipe, "title": "It </script> ends <b>early</b>"}
    kept = manifest.model_copy(update={"recipe": manifest.recipe.model_copy(update=changed)})
    (folder / NAME).write_text(kept.model_dump_json())


def test_the_catalogue_holds_what_is_published_as_data(tmp_path: Path, manifest: Manifest) -> None:
    publish(tmp_path, manifest, "tiny-net")
    made = catalogue(tmp_path)
    assert made.count("</script>") == 2
    assert '"folder": "tiny-net/tflite-uint8"' in made
    assert "<b>early" not in made
    assert not re.findall(r"https?://", made)


def test_a_catalogue_of_nothing_says_how_to_begin(tmp_path: Path) -> None:
    assert "convert run deeplab-shapes" in catalogue(tmp_path)


def test_a_broken_manifest_is_left_out_by_name(tmp_path: Path, manifest: Manifest) -> None:
    publish(tmp_path, manifest, "tiny-net")
    publish(tmp_path, manifest, "broken")
    (tmp_path / "broken/tflite-uint8" / NAME).write_text("{}")
    made = catalogue(tmp_path)
    assert "broken/tflite-uint8/manifest.json" in made
    assert "1 published" in made
