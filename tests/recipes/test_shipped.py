"""The recipes that were promised ship, and say what is known of their files."""

import csv
from pathlib import Path

import pytest

from convert.recipe import Recipe
from convert.recipes import load

SHIPPED = Path(__file__).parents[2] / "recipes"


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_a_shipped_recipe_loads(path):
    recipe = load(path)
    assert recipe.labels == () or len(recipe.labels) == recipe.classes
    assert recipe.license.evidence
    assert set(recipe.targets) == {"tflite", "tfjs", "onnx"}


def test_the_recipes_that_were_promised_ship():
    assert {path.stem for path in SHIPPED.glob("*.toml")} >= {
        *("deeplab-shapes", "deeplab-mnv2", "deeplab-mnv2-dm05", "deeplab-257"),
        *("mobilenet-v1-025-128", "mobilenet-v1-025-160", "mobilenet-v1-075-224", "mobilenet-v1"),
        *("mobilenet-v2", "mobilenet-v2-14", "mobilenet-v2-qat", "mobilenet-v2-ptq"),
        *(f"meet-segmentation-{size}" for size in ("96x160", "128x128", "144x256")),
        *("selfie-segmentation", "bodypix-050", "white-box-cartoonization"),
        *("coco-ssd", "coco-ssd-mobilenet-v1", "coco-ssd-lite-mobilenet-v2"),
        *("blazeface", "facemesh", "handpose-palm", "handpose-landmarks", "posenet-075"),
    }


def facts(shared: Path) -> dict[str, dict[str, str]]:
    """What is known of each public model file, by its first URL."""
    rows = {}
    for name in ("SOURCES.tsv", "OFFICIAL.tsv"):
        with (shared / "mirror" / name).open(encoding="utf-8", newline="") as file:
            rows |= {row["url"]: row for row in csv.DictReader(file, delimiter="\t")}
    return rows


def stated(recipe: Recipe) -> dict[str, str | None]:
    """What a recipe says of its download, in the words of the tables."""
    source = recipe.source
    return {
        "url": source.urls[0],
        "second_url": source.urls[1] if len(source.urls) > 1 else None,
        "sha256": source.sha256,
        "sha384": source.sha384,
        "bytes": str(source.bytes),
        "member": source.member,
        "license": recipe.license.id,
    }


DOWNLOADED = [path for path in sorted(SHIPPED.glob("*.toml")) if load(path).source.urls]


@pytest.mark.parametrize("path", DOWNLOADED, ids=lambda path: path.stem)
def test_a_shipped_recipe_agrees_with_what_is_known_of_its_file(path, shared):
    recipe = load(path)
    known = facts(shared)[recipe.source.urls[0]]
    said = stated(recipe)
    both = {key: value for key, value in known.items() if key in said and value}
    assert {"url", "bytes", "license"} < set(both)
    license = both.pop("license").replace("Google Terms of Service", "Google-ToS")
    assert license.startswith(recipe.license.id)
    assert {key: said[key] for key in both} == both
    assert both.get("sha256") or both.get("sha384")
