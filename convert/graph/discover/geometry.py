"""What a computed size was meant to be: compare what the graph does with what a recipe can say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from convert.graph.discover.reading import Move, Place, Reading
from convert.graph.discover.seen import Seen
from convert.pictures.placement import place as place_picture
from convert.preprocessing import Preprocessing, Size

_FREE_GUESS = "the graph takes pictures of any size and brings them to none"
_STATIC_GUESS = (
    "the graph takes pictures of exactly {height}x{width}, and how they get that size is not in it"
)
_STRETCH = "that they are stretched is a guess"
_CROP = "that the central square is taken, as classifiers' pictures mostly are, is a guess"
_SHRINK_GUESS = (
    "the graph pads pictures of up to {height}x{width} and does not shrink larger ones: that "
    "those are shrunk first (bilinear, antialiased) is a guess"
)


@dataclass(frozen=True, kw_only=True)
class Fit:
    """The fields of Preprocessing that geometry decides."""

    fields: Mapping[str, Any]
    guesses: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def canvas(reading: Reading, place: Place) -> Size | None:
    """The size that every picture is brought to; None where it depends on the picture."""
    end = reading.links[-1].node.name if reading.links else place.flow.picture
    sizes = {reading.values[-1].spatial(shapes[end]) for shapes in place.shapes.values()}
    return sizes.pop() if len(sizes) == 1 else None


def fit_geometry(reading: Reading, place: Place, size: Size, *, scores: bool) -> Fit:
    """How pictures are brought to `size`; `scores`: the answer is of the whole picture, no map."""
    if not reading.moves:
        return _unmoved(place, size, scores=scores)
    seen = Seen(reading, place, size)
    kinds = [move.kind for move in reading.moves]
    if kinds == ["pad"]:
        return _padded(seen, size)
    if kinds == ["resize"]:
        return _resized(seen, reading.moves[0], size)
    if kinds == ["resize", "pad"]:
        return _letterboxed(seen, reading.moves[0], size)
    if kinds == ["crop", "resize"]:
        return _cropped(seen, reading.moves[1], size)
    return _unknown(size, " then ".join(kinds))


def _unmoved(place: Place, size: Size, *, scores: bool) -> Fit:
    height, width = size
    insists = place.probe.fixed == size
    says = _STATIC_GUESS.format(height=height, width=width) if insists else _FREE_GUESS
    crops = scores and height == width
    fields: dict[str, Any] = {"size": size, "resize": "crop" if crops else "stretch"}
    if place.probe.takes_levels:
        fields["resampling"] = {"antialias": True}  # it gives whole levels, as the input asks for
    return Fit(fields=fields, guesses=(f"{says}: {_CROP if crops else _STRETCH}",))


def _padded(seen: Seen, size: Size) -> Fit:
    (pad,) = seen.moves
    anchor, missing = _anchor(seen, pad)
    fields = {
        "resize": "shrink",
        "size": size,
        "pad_value": pad.pad,
        "anchor": anchor,
        "resampling": {"antialias": True},
    }
    says = _SHRINK_GUESS.format(height=size[0], width=size[1])
    return Fit(fields=fields, guesses=(says,), missing=missing)


def _resized(seen: Seen, resize: Move, size: Size) -> Fit:
    fields = {"resize": "stretch", "size": size, **_resampling(resize)}
    if set(seen.after(resize).values()) <= {size}:
        return Fit(fields=fields)
    return Fit(fields=fields, missing=("resizes to a size that depends on the picture's",))


def _letterboxed(seen: Seen, resize: Move, size: Size) -> Fit:
    pad = seen.moves[-1]
    anchor, missing = _anchor(seen, pad)
    fields = {"size": size, "pad_value": pad.pad, "anchor": anchor, **_resampling(resize)}
    shape, wrong = _best_shape(fields, seen.after(resize))
    if wrong:
        says = f"resizes before it pads, {wrong} picture sizes otherwise than a recipe's letterbox"
        missing = (*missing, says)
    return Fit(fields={**fields, **shape}, missing=missing)


def _best_shape(
    fields: Mapping[str, Any], seen: Mapping[Size, Size]
) -> tuple[Mapping[str, str], str]:
    """The kind and rounding that most sizes agree with, and how many do not, as "1 of 6"."""
    wrongs = []
    for shape in _shapes():
        made = Preprocessing.model_validate({**fields, **shape})
        wrongs.append(sum(place_picture(p, made).content.size != s for p, s in seen.items()))
    least = min(wrongs)
    return _shapes()[wrongs.index(least)], f"{least} of {len(seen)}" if least else ""


def _shapes() -> Sequence[Mapping[str, str]]:
    return [
        {"resize": resize, "rounding": rounding}
        for resize in ("letterbox", "shrink")
        for rounding in ("round", "floor", "ceil")
    ]


def _cropped(seen: Seen, resize: Move, size: Size) -> Fit:
    """Only a central square of the shorter side is a recipe's crop."""
    sides = seen.after(seen.moves[0])
    fields = {"size": size, "resize": "crop", **_resampling(resize)}
    fractions = [side[0] / min(picture) for picture, side in sides.items()]
    fraction = round(sum(fractions) / len(fractions), 3)
    square = all(height == width for height, width in sides.values())
    exact = square and all(s[0] == max(1, round(min(p) * fraction)) for p, s in sides.items())
    fields["crop_fraction"] = min(max(fraction, 0.001), 1.0)
    missing = () if exact else ("crops otherwise than to a central square of the shorter side",)
    return Fit(fields=fields, missing=missing)


def _anchor(seen: Seen, pad: Move) -> tuple[str, tuple[str, ...]]:
    """Where the picture lies in the padded input: where most pictures do."""
    added = seen.before_padding(pad).values()
    wrongs = {
        "top_left": sum(before != (0, 0) for before, _ in added),
        "center": sum(before != (total[0] // 2, total[1] // 2) for before, total in added),
    }
    anchor = min(wrongs, key=lambda name: wrongs[name])
    if not wrongs[anchor]:
        return anchor, ()
    says = f"lays {wrongs[anchor]} of {len(added)} picture sizes elsewhere than at the {anchor}"
    return anchor, (says,)


def _resampling(move: Move) -> Mapping[str, Any]:
    return {"resampling": move.resampling.model_dump()} if move.resampling else {}


def _unknown(size: Size, kinds: str) -> Fit:
    says = f"changes the picture's size by {kinds}: a recipe has no such road"
    return Fit(fields={"size": size, "resize": "stretch"}, missing=(says,))
