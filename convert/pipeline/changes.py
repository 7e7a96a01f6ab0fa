"""What two manifests, or two files, say differently."""

from collections.abc import Iterator

from convert.difference import Change, OpCount
from convert.manifest import Manifest
from convert.pipeline.side import Opened
from convert.vocabulary import Record


def op_counts(a: Opened, b: Opened) -> tuple[OpCount, ...]:
    """Of files of one format the operators whose count differs, of two formats all."""
    of_a, of_b = a.trace.ops, b.trace.ops
    names = sorted({*of_a, *of_b})
    counts = [OpCount(op=name, a=of_a.get(name, 0), b=of_b.get(name, 0)) for name in names]
    same_format = a.side.format == b.side.format
    return tuple(one for one in counts if one.a != one.b or not same_format)


def changes(a: Opened, b: Opened) -> Iterator[Change]:
    """What two manifests say differently; of other files, what they take."""
    if a.side.manifest and b.side.manifest:
        facts = _facts(a.side.manifest), _facts(b.side.manifest)
    else:
        facts = dict(_flat("input", a.trace.input)), dict(_flat("input", b.trace.input))
    for key in dict.fromkeys([*facts[0], *facts[1]]):
        values = [fact.get(key) for fact in facts]
        if values[0] != values[1]:
            yield Change(key=key, a=values[0], b=values[1])


def _facts(manifest: Manifest) -> dict[str, str]:
    recipe = manifest.recipe
    told = {
        "signature": manifest.artifact.signature,
        "preprocessing": recipe.preprocessing,
        "postprocessing": recipe.postprocessing,
        "labels": recipe.labels,
        "license": manifest.license,
        "lineage": manifest.lineage,
        "tools": manifest.tools,
        "convert_version": manifest.convert_version,
    }
    return {key: text for name, one in told.items() for key, text in _flat(name, one)}


def _flat(key: str, value: object) -> Iterator[tuple[str, str]]:
    """A record's leaves by their dotted keys; rows of plain values stay together."""
    if isinstance(value, Record):
        value = value.model_dump()
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(f"{key}.{name}", inner)
    elif isinstance(value, tuple | list) and any(isinstance(one, dict) for one in value):
        for place, inner in enumerate(value):
            yield from _flat(f"{key}.{place}", inner)
    elif value is not None:
        yield key, str(value)
