"""Every shipped recipe can be read, and says all that its users need."""

import re
from pathlib import Path

import pytest

from convert import recipes
from convert.metrics import METRICS
from convert.recipe import Recipe
from convert.vocabulary import DEFAULT_SCHEMES, SCHEMES, TARGETS

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "recipes").glob("*.toml"))
METRICS_OF = {
    "segmentation": ("miou", "person_iou"),
    "classification": ("top_k",),
    "detection": ("detection",),
    "landmarks": ("landmarks",),
    "pose": ("parity",),
    "image": ("similarity",),
}

pytestmark = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def test_it_can_be_read(path: Path) -> None:
    assert recipes.load(path).name == path.stem


def test_it_begins_with_a_comment_that_says_what_it_is(path: Path) -> None:
    assert path.read_text().startswith("# ")


def test_it_is_in_the_readme(path: Path) -> None:
    assert f"`{path.stem}`" in (ROOT / "README.md").read_text()


def test_its_bytes_are_fixed_by_a_digest(path: Path) -> None:
    source = recipes.load(path).source
    assert source.bytes
    assert source.sha256 or source.sha384


def test_its_license_is_a_named_one_with_evidence(path: Path) -> None:
    license = recipes.load(path).license
    assert license.id != "unknown"
    assert len(license.evidence) > 10


def test_it_makes_every_target_in_every_scheme(path: Path) -> None:
    made = recipes.load(path).targets
    assert set(made) == set(TARGETS)
    assert all(choice.schemes == DEFAULT_SCHEMES for choice in made.values())


def test_every_variant_is_held_to_a_largest_drop(path: Path) -> None:
    recipe = recipes.load(path)
    bounds = {scheme: recipe.gates.bounds(scheme).drop for scheme in SCHEMES}
    assert all(drop is not None for drop in bounds.values())
    assert (bounds["float32"] or 0) <= 0.001
    # Half a box in fifty may change sides at a detector's threshold.
    assert (bounds["float16"] or 0) <= (0.02 if recipe.task == "detection" else 0.01)


def test_it_is_measured_by_the_metric_of_its_task(path: Path) -> None:
    recipe = recipes.load(path)
    assert recipe.metric in METRICS_OF[recipe.task]
    assert recipe.metric in METRICS


def test_it_never_calibrates_on_what_it_is_measured_on(path: Path) -> None:
    dataset = recipes.load(path).dataset
    assert dataset.calibration != dataset.evaluation


def test_its_labels_are_as_many_as_its_classes(path: Path) -> None:
    recipe: Recipe = recipes.load(path)
    assert len(recipe.labels) in (0, recipe.classes)
    assert all(re.fullmatch(r"\S.*", label) for label in recipe.labels)
