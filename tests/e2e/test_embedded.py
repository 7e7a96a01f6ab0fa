"""`convert run deeplab-shapes` takes the embedded model down the whole road, offline."""

import hashlib
import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from convert.manifest import Manifest
from convert.pipeline.again import verify_again
from convert.pipeline.settings import Settings
from convert.progress import Silence
from convert.report import Report
from convert.store import digest

pytestmark = pytest.mark.slow

RECIPE = Path(__file__).parents[2] / "recipes" / "deeplab-shapes.toml"
VARIANTS = [f"{t}-{s}" for t in ("tflite", "tfjs", "onnx") for s in ("float32", "float16", "uint8")]


def published(out: Path) -> dict[str, bytes]:
    """Every published byte."""
    return {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()}


def test_the_first_run_ends_well_without_a_network(road: Any) -> None:
    assert road.done.returncode == 0, road.done.stderr


def test_stdout_is_the_report_and_nothing_else(road: Any) -> None:
    report = Report.model_validate_json(road.done.stdout)
    assert report == Report.model_validate_json((road.out / "report.json").read_bytes())
    assert [f"{v.target}-{v.scheme}" for v in report.variants] == VARIANTS
    assert all(variant.passed and variant.error is None for variant in report.variants)


def test_the_report_has_the_keys_that_its_readers_know(road: Any) -> None:
    report = json.loads(road.done.stdout)
    assert {
        *("recipe", "recipe_sha256", "convert_version", "machine", "tools", "source"),
        *("reference", "variants", "seconds", "passed"),
    } <= set(report)
    assert set(report["source"]) == {"sha256", "bytes", "format", "license"}
    assert report["reference"]["images"] == 12
    variant = report["variants"][2]
    assert {
        *("target", "scheme", "path", "sha256", "bytes", "bytes_brotli", "metrics", "latency"),
        *("gates", "passed", "seconds", "error"),
    } <= set(variant)
    assert set(variant["metrics"]["miou"]) == {"value", "drop", "drop_ci95"}
    assert 0.9 < variant["metrics"]["agreement"]["value"] <= 1
    assert set(variant["gates"][0]) == {"gate", "bound", "value", "passed"}
    assert {
        *("runtime", "threads", "min_ms", "p50_ms", "p90_ms", "runs", "load"),
        *("delegated_ops", "total_ops", "peak_rss_mb"),
    } <= set(variant["latency"][0])
    assert all(latency["runs"] >= 50 for latency in variant["latency"])


def test_what_the_tools_say_is_kept_off_the_streams(road: Any) -> None:
    plan, rest = road.done.stderr.split("models/out/deeplab-shapes\n", 1)
    assert plan.startswith("deeplab-shapes  ")
    for line in rest.splitlines():
        assert re.fullmatch(r" +\d+\.\d s  [\w-]+( [\w-]+)?: .+", line)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_published_folder_is_whole(road: Any, name: str) -> None:
    folder = road.out / name
    manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
    assert digest(folder / manifest.artifact.path) == manifest.artifact.sha256
    documents = {"NOTICE", "README.md", "bom.cdx.json", "preprocessing.json"}
    assert set(manifest.files) == {*documents, "provenance.intoto.json", manifest.golden.file}
    for file, sha in manifest.files.items():
        assert hashlib.sha256((folder / file).read_bytes()).hexdigest() == sha
    known = {"manifest.json", "SHA256SUMS", "timings.json", *manifest.files, manifest.artifact.path}
    assert {path.name for path in folder.iterdir()} == known
    card = (folder / "README.md").read_text()
    assert manifest.recipe.title in card
    assert manifest.license.id in card


@pytest.mark.parametrize("name", VARIANTS)
def test_the_golden_tensors_come_out_again(road: Any, name: str) -> None:
    home = Settings(home=road.convert.home)
    found = verify_again(road.out / name, home, None, 2, Silence())
    assert found.golden_difference < 1e-3
    assert found.passed


def test_verify_says_what_bench_and_verify_say_of_a_published_folder(road: Any) -> None:
    checked = road.convert("verify", road.out / "onnx-uint8", "--limit", "2")
    assert checked.returncode == 0
    assert "digests good" in checked.stdout
    timed = road.convert("bench", road.out, "--threads", "1", "--runs", "10", "--json")
    rows = json.loads(timed.stdout)
    assert {row["variant"] for row in rows} == {n for n in VARIANTS if not n.startswith("tfjs")}


def test_a_second_run_makes_nothing(road: Any) -> None:
    worked, shown = road.convert.files("work"), published(road.out)
    again = road.convert.without_tensorflow()(*road.run)
    assert again.returncode == 0, again.stderr
    assert not re.search(r": (cut|convert|verify|bench)$", again.stderr, re.M)
    assert road.convert.files("work") == worked
    report = shown.pop("report.json")
    after = published(road.out)
    assert Report.model_validate_json(after.pop("report.json")).passed
    assert after == shown
    assert report


def test_the_summary_fits_a_hundred_columns(road: Any) -> None:
    lines = road.convert(*road.run).stdout.splitlines()
    rows = [line.split() for line in lines if line.startswith(("tflite-", "tfjs-", "onnx-"))]
    assert [row[0] for row in rows] == VARIANTS
    assert all(row[-1] == "passed" for row in rows)
    assert max(map(len, lines[:-1])) <= 100
    assert lines[-1].startswith("9 of 9 published in ")


def test_a_subset_of_targets_and_schemes_is_made(copied: Any) -> None:
    some = ("--targets", "onnx", "--schemes", "uint8,float32", "--json")
    made = copied.convert.without_tensorflow()(*copied.run, *some)
    report = Report.model_validate_json(made.stdout)
    names = [f"{v.target}-{v.scheme}" for v in report.variants]
    assert names == ["onnx-float32", "onnx-uint8"]


def test_a_changed_gate_judges_again_without_converting(copied: Any) -> None:
    closer = copied.convert.home / "recipes" / "deeplab-shapes.toml"
    closer.parent.mkdir()
    gate = "[gates.uint8]\ndrop = "
    closer.write_text(re.sub(rf"{re.escape(gate)}\S+", f"{gate}-1.0", RECIPE.read_text()))
    worked = copied.convert.files("work")

    refused = copied.convert.without_tensorflow()(*copied.run)
    assert refused.returncode == 1, refused.stderr
    assert copied.convert.files("work") == worked
    assert "tflite-uint8 refused: mIoU drop " in refused.stdout
    there = {path.parent.name for path in copied.out.glob("*/manifest.json")}
    assert there == {name for name in VARIANTS if not name.endswith("uint8")}

    whole = copied.convert(*copied.run, "--json")
    assert whole.returncode == 1
    report = Report.model_validate_json(whole.stdout)
    assert [v.scheme for v in report.variants if not v.passed] == ["uint8"] * 3

    closer.unlink()
    assert copied.convert(*copied.run).returncode == 0
    assert {path.parent.name for path in copied.out.glob("*/manifest.json")} == set(VARIANTS)


def test_what_a_recipe_no_longer_makes_is_withdrawn(copied: Any) -> None:
    fewer = copied.convert.home / "recipes" / "deeplab-shapes.toml"
    fewer.parent.mkdir()
    text = RECIPE.read_text()
    fewer.write_text(text.replace("[targets.onnx]", '[targets.onnx]\nschemes = ["float32"]'))
    assert copied.convert(*copied.run, "--targets", "tflite").returncode == 0
    there = {path.parent.name for path in copied.out.glob("*/manifest.json")}
    assert there == {name for name in VARIANTS if name not in ("onnx-float16", "onnx-uint8")}


def test_a_damaged_file_of_an_earlier_run_is_made_again(copied: Any) -> None:
    (model,) = copied.convert.home.glob("models/work/deeplab-shapes/tflite-float16-*/*.tflite")
    good = model.read_bytes()
    model.write_bytes(good[:1000])
    (copied.out / "tflite-float16" / model.name).write_bytes(b"damaged too")
    assert copied.convert("verify", copied.out / "tflite-float16").returncode == 3

    again = copied.convert(*copied.run)
    assert again.returncode == 0
    assert "tflite-float16: convert" in again.stderr
    assert "tflite-float32: convert" not in again.stderr
    assert model.stat().st_size == len(good)
    assert copied.convert("verify", copied.out / "tflite-float16", "--limit", "2").returncode == 0


def test_ctrl_c_leaves_nothing_half_done_and_the_next_run_goes_on(
    convert_in: Any, tmp_path: Path
) -> None:
    convert = convert_in(tmp_path / "home")
    run = ("run", "deeplab-shapes", "--limit", "12", "--targets", "tflite")
    run = (*run, "--schemes", "float32,uint8", "--json")
    out = convert.home / "models/out/deeplab-shapes"
    made: set[str] = set()
    for stage in ("uint8: convert", "reference: verify", "uint8: verify", "float32: bench"):
        code, said = convert.interrupted_at(stage, *run)
        assert code == 130, said
        assert said.endswith("nothing is half done; the same command goes on from here\n")
        assert "Traceback" not in said
        assert convert.half_done() == []
        assert not list(out.rglob("manifest.json"))
        # No piece of work that was finished is done twice.
        finished = {p.name for p in convert.home.glob("models/work/*/*") if (p / "seal").exists()}
        assert made <= finished
        made = finished
    ended = convert(*run)
    assert ended.returncode == 0
    assert "convert" not in ended.stderr.split("models/out", 1)[1]
    assert len(list(out.glob("*/manifest.json"))) == 2


def test_a_run_that_is_ended_politely_clears_up_too(convert_in: Any, tmp_path: Path) -> None:
    convert = convert_in(tmp_path / "home")
    process = convert.start("run", "deeplab-shapes", "--limit", "12", "--json")
    for line in process.stderr:
        if "tflite-float32: convert" in line:
            process.send_signal(signal.SIGTERM)
            break
    process.stderr.read()
    assert process.wait(60) == 130
    assert json.loads(process.stdout.read())["error"] == "interrupted"
    assert convert.half_done() == []


def test_two_runs_of_one_recipe_do_the_work_once(convert_in: Any, tmp_path: Path) -> None:
    convert = convert_in(tmp_path / "home")
    run = ("run", "deeplab-shapes", "--limit", "12", "--targets", "tflite", "--schemes", "float32")
    runs = [convert.start(*run) for _ in range(2)]
    said = [process.communicate(timeout=240)[1] for process in runs]
    assert [process.returncode for process in runs] == [0, 0], said
    assert "".join(said).count("tflite-float32: convert") == 1
    assert convert.half_done() == []
