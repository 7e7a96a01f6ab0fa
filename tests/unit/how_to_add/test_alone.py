"""One module, one table, one word: a new process of convert has taken it up."""

import json

from .checkout import KINDS, Checkout


def test_a_new_source_reader_is_chosen_by_the_files_content(checkout: Checkout) -> None:
    checkout.add(KINDS["source reader"], "graph_text")
    (checkout.root / "any.name").write_text('node {\n  name: "x"\n  op: "NoOp"\n}\n')
    found = checkout.python(
        "from pathlib import Path; from convert.sources.detect import detect;"
        "print(detect(Path('any.name')))"
    )
    assert found.strip() == "graph_text"


def test_a_new_source_format_may_stand_in_a_recipe(checkout: Checkout) -> None:
    checkout.add(KINDS["source reader"], "graph_text")
    checkout.add_recipe("mine", source="graph_text")
    shown = checkout.convert("show", "mine")
    assert isinstance(shown, dict)
    assert shown["source"]["format"] == "graph_text"


def test_a_new_target_may_stand_in_a_recipe_and_be_chosen_on_the_command_line(
    checkout: Checkout,
) -> None:
    checkout.add(KINDS["target"], "core_graph")
    checkout.add_recipe("mine", target="core_graph")
    shown = checkout.convert("show", "mine")
    assert isinstance(shown, dict)
    assert list(shown["targets"]) == ["core_graph"]
    program = "from convert.cli.options import targets; print(targets('onnx, core_graph'))"
    assert "core_graph" in checkout.python(program)


def test_a_target_without_a_runtime_is_refused_by_name(checkout: Checkout) -> None:
    checkout.add(KINDS["target"], "core_graph")
    said = checkout.python(
        "from convert.errors import UnsupportedError; from convert.runtimes import for_target\n"
        "try: for_target('core_graph')\n"
        "except UnsupportedError as error: print(error, error.hint)"
    )
    assert "no runtime takes core_graph files" in said
    assert "convert/runtimes/__init__.py" in said


def test_a_new_runtime_is_listed_by_doctor(checkout: Checkout) -> None:
    checkout.add(KINDS["runtime"], "by_tensorflow", target="tfjs")
    findings = checkout.convert("doctor")
    assert isinstance(findings, list)
    (mine,) = [one for one in findings if one["subject"] == "by_tensorflow"]
    assert mine["status"] == "good"
    assert "runs tfjs files (accuracy only)" in mine["found"]


def test_a_new_metric_is_scored_and_judged(checkout: Checkout) -> None:
    checkout.add(KINDS["metric"], "pixels_right")
    checkout.add_recipe("mine", metric="pixels_right")
    shown = checkout.convert("show", "mine")
    assert isinstance(shown, dict)
    assert shown["metric"] == "pixels_right"
    gate = checkout.python(
        "import numpy as np; from convert.metrics import METRICS;"
        "from convert.observations import Observations; from convert.recipe import Bounds;"
        "from convert.stages.judge import judge, score;"
        "metric = METRICS['pixels_right'];"
        "truth = np.array([[0, 1], [1, 1]], np.uint8);"
        "seen = lambda p: Observations(statistics=np.stack([metric.observe(p, truth, 2)] * 3),"
        "  agreed=np.array([3] * 3), counted=np.array([4] * 3));"
        "found = score(metric, seen(np.array([[0, 1], [1, 0]], np.uint8)), seen(truth));"
        "(verdict,) = judge(Bounds(drop=0.2), headline=metric.HEADLINE,"
        "  measured=found['pixels_right'], size=1, latency=());"
        "print(verdict.model_dump_json())"
    )
    verdict = json.loads(gate)
    assert verdict == {
        "gate": "pixels_right_drop",
        "bound": 0.2,
        "value": 0.25,
        "passed": False,
    }


def test_a_new_dataset_is_opened_by_a_recipes_choice(checkout: Checkout) -> None:
    checkout.add(KINDS["dataset"], "halves")
    checkout.add_recipe("mine", dataset="halves")
    found = checkout.python(
        "from convert import recipes; from convert.datasets import open_split;"
        "choice = recipes.load(recipes.find('mine')).dataset;"
        "split = open_split(choice, 'val', None, 3, 2);"
        "print([sample.name for sample in split], len(set(split.digests())))"
    )
    assert found.strip() == "['halves-8', 'halves-9', 'halves-10'] 3"


def test_a_new_recipe_is_listed(checkout: Checkout) -> None:
    checkout.add_recipe("mine")
    listed = checkout.convert("list")
    assert isinstance(listed, list)
    assert "mine" in [one["name"] for one in listed]
