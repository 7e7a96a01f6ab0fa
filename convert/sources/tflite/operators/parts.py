"""Operators that join tensors, and that cut parts out of them."""

from convert.sources.tflite.emit import Site
from convert.sources.tflite.network import Symbol
from convert.sources.tflite.operators.activations import plainly_activated


def concatenation(site: Site) -> Symbol:
    """CONCATENATION along an axis."""
    axis = int(site.options.axis)
    return plainly_activated(site, site.add("ConcatV2", values=site.read_all(), axis=axis))


def cut_out(site: Site) -> Symbol:
    """SLICE."""
    return site.add("Slice", input=site.read(0), begin=site.read(1), size=site.read(2))


def strided_slice(site: Site) -> Symbol:
    """STRIDED_SLICE with all its masks."""
    options = site.options
    if options.offset:
        raise site.unsupported("has an end that is an offset")
    return site.add(
        "StridedSlice",
        input=site.read(0),
        begin=site.read(1),
        end=site.read(2),
        strides=site.read(3),
        begin_mask=int(options.beginMask),
        end_mask=int(options.endMask),
        ellipsis_mask=int(options.ellipsisMask),
        new_axis_mask=int(options.newAxisMask),
        shrink_axis_mask=int(options.shrinkAxisMask),
    )


def split(site: Site) -> list[Symbol]:
    """SPLIT into equal parts; the axis comes first."""
    parts = int(site.options.numSplits)
    if parts != len(site.operator.outputs):
        raise site.damaged(f"makes {len(site.operator.outputs)} tensors out of {parts} parts")
    made: list[Symbol] = site.add("Split", axis=site.read(0), value=site.read(1), num_split=parts)
    return made


def split_v(site: Site) -> list[Symbol]:
    """SPLIT_V into parts of given sizes."""
    parts = len(site.operator.outputs)
    made: list[Symbol] = site.add(
        "SplitV",
        value=site.read(0),
        size_splits=site.read(1),
        axis=site.read(2),
        num_split=parts,
    )
    return made


def pack(site: Site) -> Symbol:
    """PACK along a new axis."""
    return site.add("Pack", values=site.read_all(), axis=int(site.options.axis))


def unpack(site: Site) -> list[Symbol]:
    """UNPACK along an axis, which goes."""
    parts, axis = len(site.operator.outputs), int(site.options.axis)
    made: list[Symbol] = site.add("Unpack", value=site.read(0), num=parts, axis=axis)
    return made


def gather(site: Site) -> Symbol:
    """GATHER along an axis."""
    return site.add(
        "GatherV2",
        params=site.read(0),
        indices=site.read(1),
        axis=int(site.options.axis),
        batch_dims=int(site.options.batchDims),
    )


def gather_nd(site: Site) -> Symbol:
    """GATHER_ND."""
    return site.add("GatherNd", params=site.read(0), indices=site.read(1))
