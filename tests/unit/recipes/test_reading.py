"""A recipe file is read whole or refused by its file and its key."""

import pytest
import tomlkit

from convert.recipes import digest, load

from .good import GOOD, changed, refusal, written


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


def test_average_precision_without_boxes_or_labels_is_refused(tmp_path):
    said = refusal(written(tmp_path, changed("metric", "coco_map")))
    assert "coco_map" in said
    assert "postprocessing.boxes" in said


def test_a_model_of_several_files_is_as_large_as_all_of_them(tmp_path):
    document = tomlkit.parse(changed("source.bytes", 1000))
    del document["source"]["member"]
    document["source"]["files"] = [{"name": "shard.bin", "sha256": "1" * 64, "bytes": 500}]
    assert load(written(tmp_path, tomlkit.dumps(document))).source.whole_bytes == 1500
