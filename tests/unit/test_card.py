"""The card says in words what the manifest says in data."""

import re
from typing import Any, get_args

import pytest

from convert.card import card
from convert.manifest import Manifest
from convert.report import Assignment, Measured
from convert.vocabulary import Task


def front_matter(text: str) -> dict[str, Any]:
    """The YAML between the first two lines of dashes."""
    opened, head, _ = text.split("---\n", 2)
    assert opened == ""
    yaml = pytest.importorskip("yaml")
    found = yaml.safe_load(head)
    assert isinstance(found, dict)
    return found


def test_the_front_matter_is_what_model_hubs_read(manifest: Manifest):
    front = front_matter(card(manifest))
    (index,) = front.pop("model-index")
    assert front == {
        "license": "apache-2.0",
        "pipeline_tag": "image-segmentation",
        "library_name": "tflite",
        "tags": ["tflite", "uint8", "segmentation"],
    }
    assert index["results"][0]["metrics"][0] == {"type": "miou", "value": 0.81234}


def test_the_hubs_own_reader_takes_the_front_matter(manifest: Manifest):
    from huggingface_hub import ModelCard

    data = ModelCard(card(manifest)).data
    assert data.license == "apache-2.0"
    results = {result.metric_type: result for result in data.eval_results}
    assert results["miou"].metric_value == 0.81234
    assert results["miou"].dataset_name == "shapes val"


def test_a_license_that_the_hub_does_not_know_is_named_beside(manifest: Manifest):
    evidence = "the terms at https://example.org/terms (seen)"
    license = manifest.license.model_copy(update={"id": "Terms-1.0", "evidence": evidence})
    front = front_matter(card(manifest.model_copy(update={"license": license})))
    assert front["license"] == "other"
    assert front["license_name"] == "Terms-1.0"
    assert front["license_link"] == "https://example.org/terms"


def test_what_it_is_for_and_what_not_is_told(manifest: Manifest):
    text = card(manifest)
    assert "one of 2 classes" in text
    assert "100 pictures of shapes val and on nothing else" in text
    assert "Eight bits" in text


@pytest.mark.parametrize("name", ["LicenseRef: mine # really", "no", "1.0", "[x]"])
def test_any_license_name_is_safe_in_the_front_matter(manifest: Manifest, name: str):
    license = manifest.license.model_copy(update={"id": name})
    text = card(manifest.model_copy(update={"license": license}))
    assert front_matter(text)["license_name"] == name


def test_a_classifier_is_called_one(manifest: Manifest):
    recipe = manifest.recipe.model_copy(update={"task": "classification"})
    text = card(manifest.model_copy(update={"recipe": recipe}))
    assert front_matter(text)["pipeline_tag"] == "image-classification"


@pytest.mark.parametrize("task", get_args(Task))
def test_every_task_has_a_word_on_the_hub_and_a_use(manifest: Manifest, task: Task):
    recipe = manifest.recipe.model_copy(update={"task": task})
    text = card(manifest.model_copy(update={"recipe": recipe}))
    assert front_matter(text)["pipeline_tag"]
    assert re.search(r"## What it is for\n\n- \w", text)


def rows(text: str) -> list[list[str]]:
    """The cells of every table row."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_figures_are_those_of_the_manifest(manifest: Manifest):
    table = rows(card(manifest))
    assert ["miou", "0.8123", "0.0042", "-0.0011 to 0.0099"] in table
    assert ["agreement", "0.9877", "", ""] in table


def test_the_file_is_named_weighed_and_digested(manifest: Manifest):
    text = card(manifest)
    assert "726,444 bytes" in text
    assert "600,123 after brotli" in text
    assert "a" * 64 in text


def test_inputs_and_outputs_are_told_with_their_quantization(manifest: Manifest):
    table = rows(card(manifest))
    cells = ["uint8", "[1, 8, 12, 3]", "NHWC", "(q − 127) × 0.0078125"]
    assert ["in", "`image`", *cells] in table
    assert ["out", "`logits`", *cells] in table


def test_what_is_done_before_and_after_is_told(manifest: Manifest):
    text = card(manifest)
    assert "letterbox to 8 × 12" in text
    assert "padded with 127.5" in text
    assert "After: argmax, padding cut off" in text


def test_gates_and_the_way_from_the_source_are_told(manifest: Manifest):
    text = card(manifest)
    assert "miou_drop 0.00421 ≤ 0.03" in text
    for digest in ("b" * 64, "c" * 64):
        assert digest in text


def test_nothing_is_told_that_was_not_taken(manifest: Manifest):
    text = card(manifest.model_copy(update={"gates": ()}))
    assert "Gates" not in text


def test_the_card_is_plain_markdown(manifest: Manifest):
    text = card(manifest)
    assert "{{" not in text
    assert "{%" not in text
    assert "&" not in text
    assert text.endswith("\n")
    widths = {len(row) for row in rows(text)}
    assert widths <= {4, 6, 7}
    assert not re.search(r"\n{4,}", text)


def test_a_figure_that_is_worse_or_better_keeps_its_sign(manifest: Manifest):
    better = {"miou": Measured(value=0.9, drop=-0.01)}
    text = card(manifest.model_copy(update={"metrics": better}))
    assert ["miou", "0.9000", "-0.0100", ""] in rows(text)


def test_a_mixed_file_s_card_names_what_is_in_float(manifest: Manifest):
    found = Assignment(
        kept_float=("logits/Conv2D", "pool"), pictures=50, agreement=0.996, bytes=1, checks=9,
        passed=True,
    )  # fmt: skip
    text = card(manifest.model_copy(update={"mixed": found}))
    assert "stay 2 nodes: `logits/Conv2D`, `pool`." in text
    assert "In float" not in card(manifest)
