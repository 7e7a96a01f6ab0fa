"""One of the worst pictures as a page shows it: panels side by side, and what they say."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from convert.audit import marks, panels, words
from convert.audit.panels import Pixels
from convert.audit.section import Section
from convert.stages.worst import Answer, Worst
from convert.vocabulary import VOID

_MOST_CLASSES = 12
"""Classes that a picture's legend names."""
_CLASS = 0
"""The column of a box."""
_COUNTED: dict[Answer, str] = {
    "labels": "labels",
    "boxes": "boxes",
    "points": "points",
    "picture": "pixels",
}
"""What agreement counts."""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One picture with its caption."""

    title: str
    uri: str


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One of the worst pictures: panels of what is said of it, or labels in words."""

    name: str
    says: str
    panels: tuple[Panel, ...]
    classes: tuple[tuple[str, str], ...]
    """Colour and name of each label that occurs."""


def shown(section: Section, one: Worst) -> Shown:
    """Draw a picture with what is true, what the reference says, what the file says."""
    if one.answer == "class":
        return _in_words(section, one)
    figure = words.title_of(words.headline_of(section.report))
    return Shown(
        name=one.name,
        says=f"{words.points(one.loss)} points of {figure} lost, {one.agreement:.2%} of the "
        f"{_COUNTED[one.answer]} are the reference's.",
        panels=tuple(
            Panel(title=title, uri=panels.data_uri(drawn))
            for title, drawn in _DRAWN[one.answer](one).items()
        ),
        classes=tuple(_classes(section, one)),
    )


def _labels(one: Worst) -> Mapping[str, Pixels]:
    truth = np.full_like(one.reference, VOID) if one.truth is None else one.truth
    return {
        "picture": one.image,
        **({} if one.truth is None else {"truth": panels.over(one.image, truth)}),
        "reference": panels.over(one.image, one.reference),
        "this file": panels.over(one.image, one.found),
        "where they differ": panels.differing(one.image, one.reference, one.found, truth),
    }


def _boxes(one: Worst) -> Mapping[str, Pixels]:
    alone = marks.alone(one.found, one.reference), marks.alone(one.reference, one.found)
    return {
        **({} if one.truth is None else {"truth": marks.boxed(one.image, one.truth)}),
        "reference": marks.boxed(one.image, one.reference),
        "this file": marks.boxed(one.image, one.found),
        "red: this file alone, blue: the reference alone": marks.two(one.image, *alone),
    }


def _points(one: Worst) -> Mapping[str, Pixels]:
    return {
        "picture": one.image,
        "reference": marks.dotted(one.image, one.reference),
        "this file": marks.dotted(one.image, one.found),
        "blue: the reference, red: this file": marks.moved(one.image, one.reference, one.found),
    }


def _picture(one: Worst) -> Mapping[str, Pixels]:
    times, apart = panels.amplified(one.reference, one.found)
    return {
        "picture": one.image,
        "reference": one.reference,
        "this file": one.found,
        f"difference, {times} times": apart,
    }


_DRAWN: dict[Answer, Callable[[Worst], Mapping[str, Pixels]]] = {
    "labels": _labels,
    "boxes": _boxes,
    "points": _points,
    "picture": _picture,
}
"""Panels by their captions."""


def _in_words(section: Section, one: Worst) -> Shown:
    said = {"truth": one.truth, "reference": one.reference, "this file": one.found}
    captions = tuple(
        f"{who}: {_named(section, int(label))}" for who, label in said.items() if label is not None
    )
    return Shown(
        name=one.name,
        says=". ".join(captions),
        panels=(Panel(title="", uri=panels.data_uri(one.image)),),
        classes=(),
    )


def _classes(section: Section, one: Worst) -> Iterable[tuple[str, str]]:
    """A legend: of label maps without the ground, of boxes of more than one class."""
    said = [each for each in (one.truth, one.reference, one.found) if each is not None]
    if one.answer == "labels":
        there = np.unique(np.concatenate([each.reshape(-1) for each in said]))
        colours, there = panels.palette(), there[(there != 0) & (there != VOID)]
    elif one.answer == "boxes" and section.recipe and len(section.recipe.labels) > 1:
        there = np.unique(np.concatenate([each[:, _CLASS] for each in said]).astype(int))
        colours = marks.colours()
    else:
        return
    for label in map(int, there[:_MOST_CLASSES]):
        yield _hex(colours[label % len(colours)]), _named(section, label)


def _named(section: Section, label: int) -> str:
    return section.labels[label] if label < len(section.labels) else str(label)


def _hex(colour: Iterable[int]) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in colour)
