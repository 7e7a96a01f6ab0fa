"""A tfjs model is read with the very weights that tfjs computes with."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convert.errors import SourceError, UnsupportedError
from convert.graph.tensorflow import tensorflow
from convert.graph.tfjs_model import read_tfjs
from convert.graph.tfjs_weights import dequantized


def test_bytes_are_brought_back_as_javascript_does() -> None:
    scale, least = 0.005539525022693709, -0.7201382529501822
    stored = np.arange(256, dtype=np.uint8)
    weight = {"dtype": "float32", "quantization": {"dtype": "uint8", "scale": scale, "min": least}}
    found = dequantized(stored, weight)
    assert found.dtype == np.float32
    # JavaScript: numbers are float64, storing into a Float32Array rounds once.
    assert found.tolist() == [float(np.float32(v * scale + least)) for v in range(256)]


def test_quantized_integers_are_rounded() -> None:
    quantization = {"dtype": "uint16", "scale": 0.5, "min": -1.0}
    found = dequantized(
        np.array([0, 1, 2, 3], np.uint16), {"dtype": "int32", "quantization": quantization}
    )
    assert found.dtype == np.int32
    assert found.tolist() == [-1, 0, 0, 1]


def test_halves_become_floats() -> None:
    weight = {"dtype": "float32", "quantization": {"dtype": "float16"}}
    found = dequantized(np.array([0.1], np.float16), weight)
    assert found.tolist() == [float(np.float16(0.1))]
    assert found.dtype == np.float32


def write(folder: Path, weights: list[dict[str, Any]], shards: dict[str, bytes]) -> Path:
    """A model of Const nodes `a`, `b`, ... that holds these weights."""
    nodes = [
        {
            "name": weight["name"],
            "op": "Const",
            "attr": {"dtype": {"type": "DT_FLOAT"}, "value": {"tensor": {"dtype": "DT_FLOAT"}}},
        }
        for weight in weights
    ]
    model = {
        "format": "graph-model",
        "modelTopology": {"node": nodes},
        "signature": {"outputs": {"y": {"name": "b:0"}}},
        "weightsManifest": [{"paths": list(shards), "weights": weights}],
    }
    folder.joinpath("model.json").write_text(json.dumps(model))
    for name, content in shards.items():
        (folder / name).write_bytes(content)
    return folder


TWO = [
    {"name": "a", "shape": [2, 2], "dtype": "float32"},
    {"name": "b", "shape": [3], "dtype": "float32"},
]


def test_a_weight_may_lie_across_two_shards(tmp_path: Path) -> None:
    values = np.arange(7, dtype="<f4").tobytes()
    model = read_tfjs(write(tmp_path, TWO, {"1.bin": values[:18], "2.bin": values[18:]}))
    a, b = (tensorflow().make_ndarray(n.attr["value"].tensor) for n in model.graph_def.node)
    assert a.tolist() == [[0, 1], [2, 3]]
    assert b.tolist() == [4, 5, 6]
    assert model.outputs == {"y": "b"}


@pytest.mark.parametrize("size", [0, 4, 27, 29])
def test_shards_of_another_size_are_refused_with_both_sizes(tmp_path: Path, size: int) -> None:
    with pytest.raises((SourceError, UnsupportedError), match=rf"\b{size}\b"):
        read_tfjs(write(tmp_path, TWO, {"1.bin": bytes(size)}))


def test_weights_of_a_dtype_that_we_do_not_know_are_named(tmp_path: Path) -> None:
    weights = [{"name": "words", "shape": [1], "dtype": "string"}]
    with pytest.raises(UnsupportedError, match="'words' is stored as string"):
        read_tfjs(write(tmp_path, weights, {"1.bin": b"1234"}))


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"format": "layers-model"}', '{"weightsManifest": 3}']
)
def test_another_json_file_is_refused_by_name(tmp_path: Path, content: str) -> None:
    (tmp_path / "model.json").write_text(content)
    with pytest.raises((SourceError, UnsupportedError), match=r"model\.json"):
        read_tfjs(tmp_path)
