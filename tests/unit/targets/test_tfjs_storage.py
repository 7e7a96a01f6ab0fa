"""What tfjs reads back is what was decided."""

import json

import numpy as np
import pytest

from convert.errors import ToolError
from convert.graph.tfjs_weights import read_weights
from convert.quantization import Storage, Stored
from convert.targets.tfjs_storage import store

KERNEL = np.arange(8, dtype=np.float32).reshape(1, 1, 2, 4)


@pytest.fixture
def written(tmp_path):
    """A float32 graph model of one convolution."""

    def write(values):
        bias = np.arange(4, dtype=np.float32)
        weights = [
            {"name": "kernel", "shape": list(values.shape), "dtype": "float32"},
            {"name": "bias", "shape": [4], "dtype": "float32"},
        ]
        nodes = [
            {"name": "kernel", "op": "Const", "attr": {}},
            {"name": "bias", "op": "Const", "attr": {}},
            {"name": "conv", "op": "_FusedConv2D", "input": ["image", "kernel", "bias"]},
        ]
        (tmp_path / "all.bin").write_bytes(values.tobytes() + bias.tobytes())
        model = {
            "modelTopology": {"node": nodes},
            "weightsManifest": [{"paths": ["all.bin"], "weights": weights}],
        }
        (tmp_path / "model.json").write_text(json.dumps(model))
        return tmp_path

    return write


def _read(folder):
    model = json.loads((folder / "model.json").read_text())
    return model, read_weights(folder, model["weightsManifest"])


def test_codes_come_back_as_the_values_that_were_decided(written):
    stored = Stored(codes=KERNEL.astype(np.uint8), scale=0.1, minimum=-0.3)
    folder = written(stored.values)
    store(folder, Storage(kernels={"anything": stored}))
    _, weights = _read(folder)
    np.testing.assert_array_equal(weights["kernel"], stored.values)
    np.testing.assert_array_equal(weights["bias"], np.arange(4, dtype=np.float32))


def test_the_kernel_takes_a_byte_a_weight_and_no_old_shard_is_left(written):
    stored = Stored(codes=KERNEL.astype(np.uint8), scale=0.1, minimum=-0.3)
    folder = written(stored.values)
    store(folder, Storage(kernels={"k": stored}))
    assert sum(path.stat().st_size for path in folder.glob("*.bin")) == 8 + 4 * 4
    assert not (folder / "all.bin").exists()


def test_scales_per_channel_are_multiplied_in_the_graph(written):
    scales = np.array([1, 2, 3, 4], np.float32).reshape(1, 1, 1, 4)
    stored = Stored(codes=KERNEL.astype(np.uint8), scale=1.0, minimum=-128.0, channel_scales=scales)
    folder = written(stored.values)
    store(folder, Storage(kernels={"k": stored}))
    model, weights = _read(folder)
    nodes = {node["name"]: node for node in model["modelTopology"]["node"]}
    product = nodes[nodes["conv"]["input"][1]]
    assert product["op"] == "Mul"
    left, right = (weights[name] for name in product["input"])
    np.testing.assert_array_equal(left * right, stored.values)


def test_a_kernel_that_the_converter_changed_is_an_error(written):
    stored = Stored(codes=KERNEL.astype(np.uint8), scale=0.1, minimum=-0.3)
    folder = written(stored.values + 1)
    with pytest.raises(ToolError, match="'k'"):
        store(folder, Storage(kernels={"k": stored}))
