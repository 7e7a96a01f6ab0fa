"""A recipe is strict data: what it cannot mean, it may not say."""

import pytest
from pydantic import ValidationError

from convert.recipe import Bounds, Cut, Gates, License, Recipe, Source

SHA = "0" * 64


def source(**given):
    return Source(**{"format": "frozen_graph", "sha256": SHA, **given})


def recipe(**given):
    whole = {
        "name": "net",
        "title": "A net",
        "task": "segmentation",
        "source": source(bundled="net.pb"),
        "license": License(id="MIT", evidence="LICENSE"),
        "preprocessing": {"size": (8, 8)},
        "postprocessing": {},
        "classes": 2,
        "dataset": {"kind": "shapes"},
        "metric": "miou",
        "targets": {"onnx": {}},
    }
    return Recipe(**{**whole, **given})


def test_a_scheme_is_held_to_its_own_bounds_and_else_to_those_of_all():
    gates = Gates(every=Bounds(drop=0.01, bytes=100), uint8=Bounds(drop=0.05))
    assert gates.bounds("uint8") == Bounds(drop=0.05, bytes=100)
    assert gates.bounds("float16") == Bounds(drop=0.01, bytes=100)


def test_further_schemes_are_held_to_what_eight_bits_are():
    gates = Gates(every=Bounds(bytes=100), uint8=Bounds(drop=0.05), mixed=Bounds(agreement=0.99))
    assert gates.bounds("mixed") == Bounds(drop=0.05, bytes=100, agreement=0.99)
    assert gates.bounds("int16x8") == Bounds(drop=0.05, bytes=100)
    assert gates.bounds("uint8").agreement is None


def test_a_target_has_only_its_own_schemes():
    with pytest.raises(ValidationError, match=r"targets.tfjs.schemes: no mixed, only float32, "):
        recipe(targets={"tfjs": {"schemes": ("float32", "mixed")}})
    made = recipe(targets={"tflite": {"schemes": ("mixed", "int16x8", "dynamic")}})
    assert made.targets["tflite"].schemes == ("mixed", "int16x8", "dynamic")


def test_a_bound_of_nothing_is_a_bound():
    gates = Gates(every=Bounds(drop=0.01), float32=Bounds(drop=0.0))
    assert gates.bounds("float32").drop == 0.0


def test_a_recipe_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        recipe().title = "Another"


@pytest.mark.parametrize("place", ["/etc/passwd", "../net.pb", "a/../../net.pb"])
@pytest.mark.parametrize("key", ["bundled", "member"])
def test_no_file_is_taken_from_outside(key, place):
    urls = {"urls": ("https://models.test/net.tgz",)} if key == "member" else {}
    with pytest.raises(ValidationError, match="leads outside"):
        source(**{key: place}, **urls)


@pytest.mark.parametrize(
    "places",
    [
        {},
        {"bundled": "net.pb", "path": "net.pb"},
        {"bundled": "net.pb", "urls": ("https://models.test/net.pb",)},
        {"bundled": ""},
    ],
)
def test_a_model_comes_from_one_place(places):
    with pytest.raises(ValidationError, match=r"give one of urls, bundled and path|at least 1"):
        source(**places)


def test_a_digest_is_a_must():
    with pytest.raises(ValidationError, match="digest is missing"):
        source(bundled="net.pb", sha256=None)


@pytest.mark.parametrize(
    "digest",
    [{"sha256": "0" * 63}, {"sha256": "G" * 64}, {"sha256": "A" * 64}, {"sha384": SHA}],
)
def test_a_digest_is_of_its_kind(digest):
    with pytest.raises(ValidationError, match="pattern"):
        source(bundled="net.pb", **digest)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://models.test/net.pb",
        "models.test/net.pb",
        "https://models.test",
        "https:///net.pb",
        "",
    ],
)
def test_a_url_leads_to_a_file_on_the_web(url):
    with pytest.raises(ValidationError, match="pattern"):
        source(urls=(url,))


@pytest.mark.parametrize("extra", [{"member": "net.pb"}, {"member_sha256": SHA}])
def test_a_member_is_of_an_archive(extra):
    with pytest.raises(ValidationError, match="member"):
        source(bundled="net.pb", **extra)


@pytest.mark.parametrize("name", ["", "a b", "ü", "_a", "a:0"])
def test_the_names_of_the_ends_are_ones_that_graphs_may_have(name):
    with pytest.raises(ValidationError, match="pattern"):
        Cut(input_name=name)


def test_the_two_ends_have_two_names():
    with pytest.raises(ValidationError, match="both called 'logits'"):
        Cut(input_name="logits")


def test_there_are_as_many_labels_as_classes():
    with pytest.raises(ValidationError, match="3 names for 2 classes"):
        recipe(labels=("a", "b", "c"))
    assert recipe(labels=("a", "b")).labels == ("a", "b")


def test_a_segmented_picture_is_not_cropped():
    with pytest.raises(ValidationError, match="without a label"):
        recipe(preprocessing={"size": (8, 8), "resize": "crop"})


@pytest.mark.parametrize("name", ["Net", "a/b", "-a", "", "a" * 65, "a.b"])
def test_a_name_is_a_plain_word(name):
    with pytest.raises(ValidationError, match="name"):
        recipe(name=name)


def test_there_is_something_to_make():
    with pytest.raises(ValidationError, match="targets"):
        recipe(targets={})
