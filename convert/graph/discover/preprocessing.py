"""The front of a graph as a recipe's preprocessing: what is read, guessed and confirmed."""

from collections.abc import Mapping
from typing import Any

from convert.anatomy import Front, GraphInput
from convert.graph.discover.assumed import assume
from convert.graph.discover.confirm import confirm
from convert.graph.discover.flow import Flow
from convert.graph.discover.geometry import canvas, fit_geometry
from convert.graph.discover.probe import Probe
from convert.graph.discover.reading import Place, Reading
from convert.graph.discover.road import read_road
from convert.graph.discover.seen import probe_sizes
from convert.graph.discover.size import guess_size, needed_step
from convert.graph.discover.values import Values
from convert.preprocessing import Preprocessing, Size
from convert.vocabulary import Layout

_PAINTED = 256
"""The side that is chosen for a picture to be made."""
_LOWEST, _HIGHEST = -256, 300
"""What pixels may become: the mean color taken off, or values that grow a little."""


def read_front(
    flow: Flow,
    probe: Probe,
    picture: GraphInput,
    *,
    scores: bool,
    painted: str | None = None,
    end: str | None = None,
) -> Front:
    """What stands before the network, which gives `scores` of a picture or a map of its places.

    `painted` is the output that is a picture itself; `end` overrides the node that it is cut at.
    """
    reading, place = read_road(flow, probe)
    reading = _until(reading, end) if end else _in_pixels(reading, probe)
    name = reading.links[-1].node.name if reading.links else end or picture.name
    layout: Layout = "NCHW" if reading.values[-1].axes == "NCHW" else "NHWC"
    size, size_guesses = _size(reading, place, name, layout, painted)
    fit = fit_geometry(reading, place, size, scores=scores)
    values, value_guesses = _values(reading, place, size)
    pre = Preprocessing.model_validate({**fit.fields, **values})
    front = Front(
        steps=reading.steps,
        end=name,
        why=_why(reading, place, end),
        layout=layout,
        resized_outside=not any(move.kind == "resize" for move in reading.moves),
        preprocessing=pre,
        guesses=(*size_guesses, *fit.guesses, *value_guesses),
        missing=(*reading.missing, *fit.missing),
    )
    return _confirmed(front, reading, probe)


def _until(reading: Reading, end: str) -> Reading:
    """The road up to a node that a recipe names."""
    names = [link.node.name for link in reading.links]
    return reading.first(names.index(end) + 1 if end in names else 0)


def _in_pixels(reading: Reading, probe: Probe) -> Reading:
    """The road, unless it starts from floats that are no pixels of 0..255 any more.

    A float input may want 0..1: then its few steps stay in the core, and what it wants is guessed.
    """
    if probe.takes_levels or reading.moves:
        return reading
    values = reading.values[-1]
    ends = [g * x + b for g, b in zip(values.gain, values.offset, strict=True) for x in (0, 255)]
    return reading if min(ends) >= _LOWEST and max(ends) <= _HIGHEST else reading.first(0)


def _size(
    reading: Reading, place: Place, end: str, layout: Layout, painted: str | None
) -> tuple[Size, tuple[str, ...]]:
    found = canvas(reading, place) if place.shapes else None
    height, width = place.probe.fixed
    if found is None and height and width and not reading.moves:
        found = height, width
    if found:
        return found, ()
    if painted:
        return _chosen_size(place, end, layout, painted)
    size = guess_size(place.flow, end, layout)
    says = f"the graph takes any size: {size[0]}x{size[1]} is a guess"
    return size, (says,)


def _chosen_size(
    place: Place, end: str, layout: Layout, painted: str
) -> tuple[Size, tuple[str, ...]]:
    """A size for a picture to be made of any, and what sizes there are to choose from."""
    step = needed_step(place.probe, painted)
    size = guess_size(place.flow, end, layout, first=(_PAINTED,))
    sides = f" whose sides are multiples of {step}" if step and step > 1 else ""
    says = f"the graph takes any size{sides}, as running it shows" if step else "sizes are free"
    return size, (f"{says}: {size[0]}x{size[1]} is a choice",)


def _values(
    reading: Reading, place: Place, size: Size
) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Mean, scale and channels: the graph's, or assumed where a float input says nothing."""
    values: Values = reading.values[-1]
    if place.probe.takes_levels or reading.moves or _is_scaled(values):
        channels = values.channels or "RGB"
        return {"mean": values.mean, "scale": values.scale, "channels": channels}, ()
    assumed = assume(place.flow, place.probe, size)
    says = f"no normalization is in the graph; a guess: {assumed.why}"
    made = assumed.values
    return {"mean": made.mean, "scale": made.scale, "channels": made.channels}, (says,)


def _is_scaled(values: Values) -> bool:
    return values.gain != (1.0, 1.0, 1.0) or values.offset != (0.0, 0.0, 0.0)


def _confirmed(front: Front, reading: Reading, probe: Probe) -> Front:
    """With the comparison, where there is something to compare."""
    if not reading.links:
        return front
    sizes = list(probe_sizes(front.preprocessing.size)[:3])
    if any(move.kind == "resize" for move in reading.moves):
        sizes.append(probe_sizes(front.preprocessing.size)[4])
    elif not reading.moves:
        sizes = [front.preprocessing.size]
    found = confirm(probe, front.end, front.preprocessing, front.layout, sizes)
    return front.model_copy(
        update={
            "confirmed": found.confirmed,
            "max_difference": found.largest,
            "compared": found.compared,
        }
    )


def _why(reading: Reading, place: Place, given: str | None) -> str:
    """Why the core starts where it does."""
    if given:
        return "the recipe names it"
    if not reading.links:
        return "the graph does nothing to its input before the first weights"
    if reading.moves:
        return (
            "everything before it prepares the picture and depends on its size; exported files "
            "take one size"
        )
    return "everything before it only brings pixel values into the network's range"
