"""Write a drafted recipe as TOML, with what was found and what was guessed as comments."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from textwrap import wrap
from typing import Any

import tomlkit
from tomlkit.items import Array, Table

from convert.anatomy import Alternative, Anatomy
from convert.sources.draft import Fields

_WIDTH = 96
_UNKNOWN = (
    "What the outputs mean is not told by the graph, so their numbers are compared as they are. "
    "Name the task and the metric above, and fill in here what reads the outputs (boxes, merged, "
    "points, picture, or decode and restore) instead of `tensors`."
)


def draft_text(anatomy: Anatomy, fields: Fields) -> str:
    """The recipe's TOML, with what was found and what was guessed as comments."""
    name = Path(anatomy.file.path).name if anatomy.file else "a graph"
    says = f"Written by `convert new` from {name}; correct what is called a guess."
    plain = {key: value for key, value in fields.items() if not isinstance(value, dict)}
    comments = _comments(anatomy)
    parts = [_wrapped([says]) + tomlkit.dumps(plain)]
    for key, value in fields.items():
        if isinstance(value, dict):
            parts.append(_wrapped(comments.get(key, ())) + tomlkit.dumps({key: _table(value)}))
    return "\n".join(parts)


def _comments(anatomy: Anatomy) -> Mapping[str, Iterable[str]]:
    """What stands above each table."""
    front, back = anatomy.front, anatomy.back
    read = "; ".join(step.says for step in front.steps)
    confirmed = "TensorFlow's own tensors confirm it." if front.confirmed else ""
    after = "; ".join(step.says for step in back.steps)
    return {
        "source": ["The file on this machine; `urls` in the place of `path` bring it anywhere."],
        "cut": [*anatomy.reasons[:2], *_outputs(anatomy)],
        "preprocessing": [
            f"In the graph: {read or 'nothing'}. {confirmed}".strip(),
            *(f"Not in the graph: {guess}." for guess in front.guesses),
            *(f"NOT EXPRESSED HERE: {missing}." for missing in front.missing),
        ],
        "postprocessing": [
            *([_UNKNOWN] if anatomy.task is None else []),
            f"In the graph: {after or 'nothing'}.",
            *(
                [f"After the graph, in the file: {anatomy.cut_off.says}."]
                if anatomy.cut_off
                else []
            ),
            *(f"Not in the graph: {guess}." for guess in back.guesses),
            *(f"NOT EXPRESSED HERE: {missing}." for missing in back.missing),
            *(_other_end(alternative) for alternative in back.alternatives),
        ],
        "dataset": [_dataset(anatomy)],
        "gates": ["The largest drops that are published; 0.01 is one point of the metric."],
    }


def _outputs(anatomy: Anatomy) -> Iterable[str]:
    """What each of several outputs probably is; what lies before the graph's own is not said."""
    said = {output.name: output.meaning for output in anatomy.outputs}
    ends = anatomy.cut.outputs.items()
    return [f"{name}: probably {said[node]}." for name, node in ends if node in said]


def _dataset(anatomy: Anatomy) -> str:
    if anatomy.task in ("segmentation", "classification"):
        return f"A guess by the task and its classes: {anatomy.task}, {anatomy.classes}."
    return (
        "Any folder of pictures: the metric needs no truth, for it holds each file's answer "
        "against the reference's."
    )


def _other_end(found: Alternative) -> str:
    """How a recipe says another end, and what it is good for."""
    upsample = found.postprocessing.upsample
    said = _value(upsample.model_dump(exclude_defaults=True)).as_string() if upsample else "none"
    return f'Or output = "{found.output}" in [cut] and here upsample = {said}: it {found.says}.'


def _table(fields: Fields) -> Table:
    """A table, of tables or of values; other tables among values are written in one line."""
    nested = bool(fields) and all(isinstance(value, dict) for value in fields.values())
    table = tomlkit.table(is_super_table=nested)
    for key, value in fields.items():
        own = nested or (key == "outputs" and isinstance(value, dict))
        table.add(key, _table(value) if own else _value(value))
    return table


def _value(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return _lines(value)
    if not isinstance(value, dict):
        return list(value) if isinstance(value, tuple) else value
    inline = tomlkit.inline_table()
    inline.update({key: _value(inner) for key, inner in value.items() if inner is not None})
    return inline


def _lines(values: Iterable[Fields]) -> Array:
    """An array of inline tables, one on a line."""
    made = tomlkit.array().multiline(True)
    for value in values:
        made.append(_value(value))
    return made


def _wrapped(lines: Iterable[str]) -> str:
    """Comments, wrapped to the width of the recipes."""
    parts = [part for line in lines for part in wrap(line, _WIDTH, break_long_words=False)]
    return "".join(f"# {part}\n" for part in parts)
