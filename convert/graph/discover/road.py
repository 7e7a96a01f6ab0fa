"""From the picture to where the network begins: which op is read how, and where reading ends."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from convert.graph.discover.arithmetic import (
    casts,
    computes,
    passes,
    recombines,
    reranks,
    reverses,
    transposes,
)
from convert.graph.discover.chain import Link, front_chain
from convert.graph.discover.flow import Flow
from convert.graph.discover.moves import crops_and_resizes, pads, resizes, slices
from convert.graph.discover.probe import Probe
from convert.graph.discover.reading import SMALL, Effect, Place, Reading, observe
from convert.graph.discover.values import Values

Reader = Callable[[Place, Link, Values], Effect | None]
"""What a link does, or None where the network begins before it."""

READERS: Mapping[str, Reader] = {
    "CheckNumerics": passes,
    "EnsureShape": passes,
    "Identity": passes,
    "PreventGradient": passes,
    "Snapshot": passes,
    "StopGradient": passes,
    "Cast": casts,
    "ExpandDims": reranks,
    "Reshape": reranks,
    "Squeeze": reranks,
    "Transpose": transposes,
    "Add": computes,
    "AddV2": computes,
    "BiasAdd": computes,
    "Div": computes,
    "Mul": computes,
    "RealDiv": computes,
    "Sub": computes,
    "GatherV2": reverses,
    "ReverseV2": reverses,
    "CropAndResize": crops_and_resizes,
    "Pad": pads,
    "PadV2": pads,
    "ResizeArea": resizes,
    "ResizeBicubic": resizes,
    "ResizeBilinear": resizes,
    "ResizeNearestNeighbor": resizes,
    "ScaleAndTranslate": resizes,
    "Slice": slices,
    "StridedSlice": slices,
}


def read_road(flow: Flow, probe: Probe) -> tuple[Reading, Place]:
    """The road as far as it can be read, and what was seen on the way."""
    read = tuple(_readable(front_chain(flow)))
    names = [flow.picture, *(link.node.name for link, _ in read)]
    place = Place(flow=flow, probe=probe, shapes=observe(probe, names, SMALL))
    start = Values(axes=_axes(flow, place, probe))
    reading = Reading(links=(), values=(start,), effects=())
    if not place.shapes:
        return reading, place
    for link, reader in read:
        effect = reader(place, link, reading.values[-1])
        if effect is None:
            break
        reading = Reading(
            links=(*reading.links, link),
            values=(*reading.values, effect.values),
            effects=(*reading.effects, effect),
        )
    return _trimmed(reading), place


def _readable(chain: Iterable[Link]) -> Iterator[tuple[Link, Reader]]:
    """The links up to the first that nothing here reads, and what reads each."""
    for link in chain:
        reader = _reader(link)
        if reader is None:
            return
        yield link, reader


def _reader(link: Link) -> Reader | None:
    return recombines if link.inside else READERS.get(link.node.op)


def _axes(flow: Flow, place: Place, probe: Probe) -> str:
    shapes = next(iter(place.shapes.values()), {flow.picture: (1, 1, 1, 3)})
    return probe.layout if len(shapes[flow.picture]) > 3 else "HWC"


def _trimmed(reading: Reading) -> Reading:
    """Less the last links that do nothing, and those that leave no batch to start from."""
    count = len(reading.links)
    while count and ("N" not in reading.values[count].axes or _is_idle(reading, count - 1)):
        count -= 1
    return reading.first(count)


def _is_idle(reading: Reading, index: int) -> bool:
    """Whether nothing is gained by cutting behind a link."""
    return not reading.effects[index].says or reading.links[index].node.op == "Transpose"
