"""Weights come out of half precision, eight and four bits and sparse storage as they went in."""

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from convert.graph.run import function
from convert.sources.tflite.reader import read_tflite

F32, I32 = np.float32, np.int32


def constants(path):
    graph = read_tflite(path).graph
    return graph, [graph.constant(n.name) for n in graph.graph_def.node if n.op == "Const"]


def convolution_of_stored(tools, rng, stored, how, **given):
    """A storage operator's result as the kernel of a 1x1 convolution."""
    tensors = [
        tools.fed(rng.standard_normal((1, 3, 3, 4)).astype(F32)),
        tools.Tensor(array=stored, **given),
        np.zeros(len(stored), F32),
    ]
    convolution = tools.options("Conv2D", strideH=1, strideW=1)
    operators = [
        tools.Op(kind=how, inputs=(1,), outputs=(3,)),
        tools.Op(kind="CONV_2D", inputs=(0, 3, 2), outputs=(4,), options=convolution),
    ]
    made = [(F32, None, given.get("shape", stored.shape)), (F32,)]
    file = tools.File(tensors=tensors, operators=operators, made=made, outputs=(4,))
    return tools.write(file), tensors[0].array


def test_half_precision_weights_are_constants_of_single_precision(tools, rng):
    stored = rng.standard_normal((5, 1, 1, 4)).astype(np.float16)
    path, image = convolution_of_stored(tools, rng, stored, "DEQUANTIZE")
    tools.same(path, [image])
    graph, found = constants(path)
    assert {node.op for node in graph.graph_def.node} == {
        "Placeholder",
        "Const",
        "Conv2D",
        "BiasAdd",
    }
    wanted = stored.astype(F32).transpose(1, 2, 3, 0)
    assert any(value.shape == wanted.shape and (value == wanted).all() for value in found)


def test_integer_weights_behind_dequantize_have_the_file_s_numbers(tools, rng):
    stored = rng.integers(-127, 128, (5, 1, 1, 4)).astype(np.int8)
    steps = (rng.uniform(0.01, 0.1, 5), 0, 0)
    path, image = convolution_of_stored(tools, rng, stored, "DEQUANTIZE", steps=steps)
    tools.same(path, [image])


def sparsity(order, levels, block_map=()):
    made = schema.SparsityParametersT()
    made.traversalOrder, made.blockMap = list(order), list(block_map) or None
    made.dimMetadata = [level(one) for one in levels]
    return made


def level(given):
    made = schema.DimensionMetadataT()
    if isinstance(given, int):
        made.format, made.denseSize = schema.DimensionType.DENSE, given
        return made
    made.format = schema.DimensionType.SPARSE_CSR
    made.arraySegmentsType = made.arrayIndicesType = schema.SparseIndexVector.Int32Vector
    made.arraySegments, made.arrayIndices = schema.Int32VectorT(), schema.Int32VectorT()
    made.arraySegments.values, made.arrayIndices.values = (np.array(v, I32) for v in given)
    return made


def by_rows(dense):
    """Only what is not zero of each row."""
    rows = [np.flatnonzero(row) for row in dense]
    segments = np.cumsum([0, *map(len, rows)])
    stored = dense[dense != 0]
    return sparsity((0, 1), [len(dense), (segments, np.concatenate(rows))]), stored


def by_blocks(dense, width):
    """Only the blocks [1, width] of each row that are not all zero."""
    blocks = dense.reshape(len(dense), -1, width)
    rows = [np.flatnonzero(row.any(-1)) for row in blocks]
    segments = np.cumsum([0, *map(len, rows)])
    levels = [len(dense), (segments, np.concatenate(rows)), width]
    return sparsity((0, 1, 2), levels, (1,)), blocks[blocks.any(-1)]


@pytest.mark.parametrize("kind", ["rows", "blocks"])
def test_sparse_weights_are_written_out(tools, rng, kind):
    dense = rng.standard_normal((6, 8)).astype(F32) * (rng.random((6, 8)) < 0.3)
    made, stored = by_rows(dense) if kind == "rows" else by_blocks(dense, 4)
    given = tools.Tensor(array=stored, sparsity=(made, stored.tobytes(), list(dense.shape)))
    operators = [
        tools.Op(kind="DENSIFY", inputs=(1,), outputs=(3,)),
        tools.Op(
            kind="FULLY_CONNECTED",
            inputs=(0, 3, 2),
            outputs=(4,),
            options=tools.options("FullyConnected"),
        ),
    ]
    image = tools.fed(rng.standard_normal((2, 8)).astype(F32))
    file = tools.File(
        tensors=[image, given, np.zeros(6, F32)],
        operators=operators,
        made=[(F32, None, dense.shape), (F32,)],
        outputs=(4,),
    )
    path = tools.write(file)
    tools.same(path, [image.array])
    assert any(np.array_equal(value, dense.T) for value in constants(path)[1])


def test_four_bit_weights_are_unpacked_with_their_signs(tools, rng):
    numbers = rng.integers(-8, 8, (3, 5)).astype(np.int8)
    flat = np.append(numbers.reshape(-1), 0).reshape(-1, 2)
    packed = ((flat[:, 0] & 15) | ((flat[:, 1] & 15) << 4)).astype(np.uint8)
    image = tools.fed(rng.standard_normal((2, 5)).astype(F32))
    given = tools.Tensor(array=packed, steps=([0.5], [0]))
    path = tools.one("FULLY_CONNECTED", image, given, options=tools.options("FullyConnected"))
    model = schema.ModelT.InitFromPackedBuf(path.read_bytes())
    model.subgraphs[0].tensors[1].type = schema.TensorType.INT4
    model.subgraphs[0].tensors[1].shape = [3, 5]
    rewrite(path, model)
    found = function(read_tflite(path).graph)(image.array)[0]
    np.testing.assert_allclose(found, image.array @ (numbers.T * 0.5), rtol=1e-5)


def rewrite(path, model):
    import flatbuffers

    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))


def test_weights_that_two_operators_share_are_stored_once(tools, rng):
    image, kernel = tools.fed(rng.standard_normal((2, 6)).astype(F32)), rng.standard_normal((6, 6))
    options = tools.options("FullyConnected")
    operators = [
        tools.Op(kind="FULLY_CONNECTED", inputs=(0, 1, -1), outputs=(2,), options=options),
        tools.Op(kind="FULLY_CONNECTED", inputs=(2, 1, -1), outputs=(3,), options=options),
    ]
    tensors = [image, kernel.astype(F32)]
    file = tools.File(tensors=tensors, operators=operators, made=[(F32,), (F32,)], outputs=(3,))
    path = tools.write(file)
    tools.same(path, [image.array])
    assert len(constants(path)[1]) == 1
