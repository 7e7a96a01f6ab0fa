"""What moves values, takes parts of them, or is made of numbers alone."""

import numpy as np

from .proof import F32, I32, proves


@proves("RESHAPE", "SQUEEZE", "EXPAND_DIMS", "TRANSPOSE", "TILE", "BROADCAST_TO", "REVERSE_V2")
def test_shapes(tools, normal):
    image = tools.fed(normal(1, 3, 5, 4))
    shape = np.array([3, -1], I32)
    tools.prove("RESHAPE", image, shape, options=tools.options("Reshape", newShape=[3, -1]))
    tools.prove("RESHAPE", image, options=tools.options("Reshape", newShape=[3, 20]))
    tools.prove("SQUEEZE", image, options=tools.options("Squeeze", squeezeDims=[0]))
    tools.prove("SQUEEZE", image, options=tools.options("Squeeze"))
    tools.prove("EXPAND_DIMS", image, np.array(-1, I32))
    tools.prove("TRANSPOSE", image, np.array([0, 3, 1, 2], I32))
    tools.prove("TILE", image, np.array([2, 1, 3, 1], I32))
    tools.prove("BROADCAST_TO", image, np.array([2, 3, 5, 4], I32), version=2)
    tools.prove("REVERSE_V2", image, np.array([2], I32))


@proves("CONCATENATION", "PACK", "UNPACK", "SPLIT", "SPLIT_V")
def test_joints_and_parts(tools, normal):
    x, y = tools.fed(normal(2, 3, 6)), tools.fed(normal(2, 3, 6))
    for axis in (0, 1, -1):
        tools.prove(
            "CONCATENATION",
            x,
            y,
            normal(2, 3, 6),
            options=tools.options("Concatenation", axis=axis),
        )
        tools.prove("PACK", x, y, options=tools.options("Pack", axis=axis, valuesCount=2))
    tools.prove("UNPACK", x, made=[F32] * 3, options=tools.options("Unpack", axis=1, num=3))
    axis = np.array(2, I32)
    tools.prove("SPLIT", axis, x, made=[F32] * 3, options=tools.options("Split", numSplits=3))
    sizes = np.array([1, 2, -1], I32)
    tools.prove(
        "SPLIT_V", x, sizes, axis, made=[F32] * 3, options=tools.options("SplitV", numSplits=3)
    )


@proves("SLICE", "STRIDED_SLICE", "GATHER", "GATHER_ND")
def test_excerpts(tools, normal):
    image = tools.fed(normal(2, 5, 7, 3))
    tools.prove("SLICE", image, np.array([0, 1, 2, 0], I32), np.array([2, -1, 3, 1], I32))
    ends = (np.array(v, I32) for v in ([0, 4, 1, 0], [2, 0, 7, 1], [1, -2, 3, 1]))
    numbers = list(ends)
    for masks in ({}, {"beginMask": 3}, {"endMask": 12}, {"shrinkAxisMask": 8}):
        tools.prove(
            "STRIDED_SLICE", image, *numbers, options=tools.options("StridedSlice", **masks)
        )
    rows = np.array([3, 0, 3], I32)
    for axis in (1, -1):
        part = rows % 3
        tools.prove("GATHER", image, part, options=tools.options("Gather", axis=axis))
    tools.prove("GATHER_ND", image, np.array([[0, 1], [1, 4]], I32))


@proves("ONE_HOT", "FILL", "SHAPE", "RANGE", "CAST")
def test_made_from_numbers(tools, normal):
    classes = tools.fed(np.array([0, 3, 1], I32))
    on, off = np.array(5, F32), np.array(-1, F32)
    options = tools.options("OneHot", axis=-1)
    tools.prove("ONE_HOT", classes, np.array(4, I32), on, off, options=options)
    tools.prove("FILL", np.array([2, 3], I32), tools.fed(np.array(4, F32)))
    tools.prove(
        "RANGE", tools.fed(np.array(1, I32)), np.array(9, I32), np.array(3, I32), made=[I32]
    )
    image = tools.fed(normal(2, 3) * 4)
    for dtype in (I32, np.int64, np.bool_):
        tools.prove("CAST", image, made=[dtype])
    tools.prove("CAST", tools.fed(np.arange(6, dtype=np.uint8)))


def test_the_shape_of_what_is_not_free_is_a_constant(tools, normal):
    image, made = tools.fed(normal(2, 3, 4)), [(I32,), (F32,)]
    tensors = [image, np.array(24, I32)]
    ops = [
        tools.Op(
            kind="SHAPE", inputs=(0,), outputs=(2,), options=tools.options("Shape", outType=2)
        ),
        tools.Op(kind="RESHAPE", inputs=(0, 2), outputs=(3,)),
    ]
    file = tools.File(tensors=tensors, operators=ops, made=made, outputs=(3,))
    tools.same(tools.write(file), [image.array])
