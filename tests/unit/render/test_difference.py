"""A difference is shown so that the layer that parts is seen."""

from typing import Any

import pytest

from convert.difference import Compared, Difference, LayerDifference, Layers
from convert.render.console import err, out
from convert.render.difference import show_difference

FILE = Compared(path="a [b].tflite", format="tflite", sha256="0" * 64, bytes=12_345)


def layer(name: str, cosine: float, snr_db: float | None = 20.0) -> LayerDifference:
    return LayerDifference(
        a=name,
        b=name,
        op_a="CONV_2D",
        op_b="Conv",
        how="name",
        shape=(1, 2, 2, 4),
        cosine=cosine,
        cosine_rescaled=cosine,
        rescalable=True,
        snr_db=snr_db,
        max_error=0.25,
        largest=6.0,
    )


def difference(*layers: LayerDifference, first_under: str | None) -> Difference:
    return Difference(
        a=FILE,
        b=FILE,
        figures=None,
        changes=(),
        ops=(),
        layers=Layers(
            images=4,
            pictures="drawn",
            bound=0.99,
            first_under=first_under,
            layers=layers,
            only_a=1,
            only_b=2,
            weights=(),
        ),
        notes=("no figures: they are [files]",),
        passed=first_under is None,
    )


@pytest.fixture(autouse=True)
def _new_consoles() -> Any:
    out.cache_clear()
    err.cache_clear()
    yield
    out.cache_clear()
    err.cache_clear()


def test_the_first_layer_under_the_bound_stays_in_a_long_list(capsys: Any) -> None:
    many = [layer(f"worse/{i}", 0.1) for i in range(40)]
    show_difference(difference(layer("here;fused", 0.98), *many, first_under="here;fused"), False)
    shown = capsys.readouterr().out
    assert "the first layer with a cosine under 0.99 is here\n" in shown
    assert "\nhere " in shown
    assert shown.count("worse/") == 11


def test_names_and_notes_are_no_markup(capsys: Any) -> None:
    show_difference(difference(layer("x[red]/y", 1.0, None), first_under=None), False)
    shown = capsys.readouterr()
    assert "a [b].tflite" in shown.out
    assert "x[red]/y" in shown.out
    assert "equal" in shown.out
    assert "they are [files]" in shown.err
    assert "no layer has a cosine under 0.99" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 100


def test_json_is_the_record(capsys: Any) -> None:
    found = difference(layer("x", 0.5, None), first_under="x")
    show_difference(found, True)
    assert Difference.model_validate_json(capsys.readouterr().out) == found
