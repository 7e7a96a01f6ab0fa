"""A recipe file is read whole or refused by its file and its key."""

import csv
from pathlib import Path

import pytest
import tomlkit

from convert.errors import UsageError
from convert.recipe import Recipe
from convert.recipes import digest, files, find, folders, load

SHIPPED = Path(__file__).parents[2] / "recipes"
GOOD = """
title = "A net"
task = "segmentation"
classes = 2
labels = ["ground", "thing"]
metric = "miou"

[source]
format = "frozen_graph"
urls = ["https://models.test/net.tgz", "https://other.test/net.tgz"]
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
bytes = 1000
member = "net.pb"

[license]
id = "Apache-2.0"
evidence = "LICENSE"
dated = "2018-01-29"

[preprocessing]
size = [8, 8]

[postprocessing]
decode = "argmax"

[dataset]
kind = "voc"

[targets.tflite]
schemes = ["float32", "uint8"]
[targets.onnx]
layout = "NCHW"

[gates.every]
drop = 0.01
"""


def written(folder: Path, text: str = GOOD, name: str = "net.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def changed(key: str, value: object) -> str:
    """The good recipe with one key set (None: taken out)."""
    document = tomlkit.parse(GOOD)
    *tables, last = key.split(".")
    place = document
    for table in tables:
        place = place.setdefault(table, tomlkit.table())
    if value is None:
        del place[last]
    else:
        place[last] = value
    return tomlkit.dumps(document)


def refusal(path: Path) -> str:
    with pytest.raises(UsageError) as error:
        load(path)
    assert error.value.exit_code == 2
    assert str(path) in error.value.message
    return error.value.message


def test_a_good_recipe_says_what_its_file_says(tmp_path):
    recipe = load(written(tmp_path))
    assert recipe.name == "net"
    assert recipe.source.urls[1] == "https://other.test/net.tgz"
    assert recipe.targets["tflite"].schemes == ("float32", "uint8")
    assert recipe.targets["onnx"].layout == "NCHW"
    assert recipe.preprocessing.size == (8, 8)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("titel", "A net"),
        ("source.url", "https://models.test/net.pb"),
        ("license.restrict", True),
        ("preprocessing.padding", 1),
        ("gates.int4.drop", 0.1),
        ("gates.every.dorp", 0.1),
        ("dataset.root", "/pictures"),
        ("targets.onnx.opset", 17),
        ("quantizer", "mine"),
    ],
)
def test_an_unknown_key_is_named(tmp_path, key, value):
    said = refusal(written(tmp_path, changed(key, value)))
    unknown = key.removesuffix(".drop") if "int4" in key else key
    assert f"{unknown}: unknown key" in said


@pytest.mark.parametrize(
    "key",
    [
        *("title", "task", "classes", "metric", "license", "license.id", "license.evidence"),
        *("source.format", "preprocessing.size", "dataset.kind", "targets", "source"),
    ],
)
def test_a_missing_key_is_named(tmp_path, key):
    assert f": {key}: missing" in refusal(written(tmp_path, changed(key, None)))


def test_a_missing_digest_is_asked_for(tmp_path):
    said = refusal(written(tmp_path, changed("source.sha256", None)))
    assert "source: a digest is missing: give sha256 or sha384" in said


@pytest.mark.parametrize(
    ("key", "value", "place"),
    [
        ("task", "juggling", "task"),
        ("metric", "mAP", "metric"),
        ("dataset.kind", "cityscapes", "dataset.kind"),
        ("source.format", "caffe", "source.format"),
        ("targets.tflite.schemes", ["uint4"], "targets.tflite.schemes.0"),
        ("targets.coreml.layout", "NHWC", "targets.coreml"),
        ("targets.onnx.layout", "CHWN", "targets.onnx.layout"),
        ("preprocessing.resize", "zoom", "preprocessing.resize"),
        ("postprocessing.decode", "nms", "postprocessing.decode"),
    ],
)
def test_an_unknown_word_is_named_with_the_known_ones(tmp_path, key, value, place):
    said = refusal(written(tmp_path, changed(key, value)))
    assert f": {place}" in said
    assert "Input should be '" in said
    assert " or '" in said or "'frozen_graph'" in said


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("classes", "2"),
        ("classes", 2.0),
        ("classes", 0),
        ("title", 7),
        ("title", ""),
        ("labels", "ground"),
        ("license.restricted", "yes"),
        ("license.dated", "last year"),
        ("source.bytes", -1),
        ("source.bytes", True),
        ("preprocessing.size", [8]),
        ("preprocessing.size", [8, 0]),
        ("preprocessing.scale", [1, 1, "1"]),
        ("dataset.calibration_images", -1),
        ("gates.every.drop", "1 %"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_and_shown(tmp_path, key, value):
    said = refusal(written(tmp_path, changed(key, value)))
    assert f": {key}" in said


def test_what_was_found_is_shown(tmp_path):
    said = refusal(written(tmp_path, changed("task", "juggling")))
    assert "(found 'juggling')" in said


def test_every_mistake_is_told_at_once(tmp_path):
    text = changed("classes", "2").replace('metric = "miou"', 'metric = "mAP"')
    said = refusal(written(tmp_path, text))
    assert ": classes:" in said
    assert ": metric:" in said


def test_a_date_may_stand_without_quotes(tmp_path):
    text = GOOD.replace('dated = "2018-01-29"', "dated = 2018-01-29")
    assert load(written(tmp_path, text)).license.dated == "2018-01-29"


@pytest.mark.parametrize("url", ["ftp://models.test/net.pb", "models.test/net.pb", "https://x"])
def test_a_bad_url_is_named_by_its_place(tmp_path, url):
    said = refusal(written(tmp_path, changed("source.urls", ["https://models.test/a", url])))
    assert ": source.urls.1: " in said
    assert url in said


@pytest.mark.parametrize("member", ["../net.pb", "/net.pb"])
def test_a_member_outside_its_archive_is_refused(tmp_path, member):
    said = refusal(written(tmp_path, changed("source.member", member)))
    assert f"source: '{member}' leads outside" in said


@pytest.mark.parametrize("text", ["title = ", "title = 'a'\ntitle = 'b'", "[source", "\x00"])
def test_invalid_toml_is_refused_with_the_place(tmp_path, text):
    said = refusal(written(tmp_path, f"{text}\n# the end\n"))
    assert "not valid TOML" in said
    assert "line" in said


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "net.toml"
    path.write_bytes(b"\xff\xfe\x00")
    assert "not valid TOML" in refusal(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert "No such file" in refusal(tmp_path / "net.toml")


def test_a_name_that_differs_from_the_file_is_refused(tmp_path):
    said = refusal(written(tmp_path, changed("name", "other")))
    assert "name: 'other' in a file called 'net.toml'" in said


def test_a_file_whose_name_cannot_be_a_recipe_is_refused(tmp_path):
    assert ": name: " in refusal(written(tmp_path, name="My Net.toml"))


def test_a_file_of_ones_own_is_found_beside_the_recipe(tmp_path):
    text = changed("source.urls", None)
    document = tomlkit.parse(text)
    del document["source"]["member"]
    document["source"]["path"] = "models/net.pb"
    recipe = load(written(tmp_path, tomlkit.dumps(document)))
    assert recipe.source.path == str(tmp_path / "models" / "net.pb")


def test_the_digest_is_of_what_is_said_and_not_of_how(tmp_path):
    plain = digest(load(written(tmp_path)))
    spaced = tomlkit.dumps(dict(reversed(tomlkit.parse(GOOD).unwrap().items())))
    assert digest(load(written(tmp_path, f"# a comment\n{spaced}"))) == plain
    assert digest(load(written(tmp_path, changed("classes", 2)))) == plain
    assert digest(load(written(tmp_path, changed("gates.every.drop", 0.02)))) != plain


def test_ones_own_folders_come_before_those_that_ship(tmp_path, monkeypatch):
    own = tmp_path / "own"
    own.mkdir()
    path = written(own, name="deeplab-shapes.toml")
    settings = {"CONVERT_RECIPES": str(own)}
    monkeypatch.chdir(tmp_path)
    assert folders(settings)[0] == own
    assert find("deeplab-shapes", settings) == path
    assert files({})["deeplab-shapes"] != path


def test_a_recipe_is_found_by_its_path(tmp_path):
    path = written(tmp_path)
    assert find(str(path), {}) == path


def test_an_unknown_recipe_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match="deeplab-shaps") as error:
        find("deeplab-shaps", {})
    assert "deeplab-shapes" in error.value.hint


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


def test_average_precision_without_boxes_or_labels_is_refused(tmp_path):
    said = refusal(written(tmp_path, changed("metric", "coco_map")))
    assert "coco_map" in said
    assert "postprocessing.boxes" in said
