"""Why a file in eight bits was refused, and what would pass in its place."""

from convert.errors import ConvertError
from convert.memo import NotStandingError
from convert.pipeline.core import Core
from convert.pipeline.eight_bits import eight_bits
from convert.pipeline.mixed import assignment
from convert.pipeline.plan import Key
from convert.pipeline.ranking import ranking
from convert.pipeline.work import Work
from convert.report import Variant
from convert.vocabulary import schemes_of

_HEAD = 5
"""Layers and tensors that the report names."""


def explained(work: Work, core: Core, key: Key, variant: Variant) -> Variant:
    """A mixed variant with what stays in float; one in eight bits that answers too badly with why.

    That is what harms it most and, where its target has the scheme `mixed`, what would have to stay
    in float. Others are as they were.
    """
    if key.scheme == "mixed" and not variant.error:
        return variant.model_copy(update={"mixed": assignment(work, core, key.target)})
    if variant.error or key.scheme != "uint8" or not _answers_badly(variant):
        return variant
    # A run that made nothing only judges anew, and a new gate is no reason to convert.
    work.memo.closed = not work.memo.made_any
    try:
        head = ranking(work, eight_bits(work, core, key)).head(_HEAD)
        there = "mixed" in schemes_of(key.target)
        found = assignment(work, core, key.target) if there else None
    except NotStandingError:
        return variant
    except ConvertError as error:
        work.progress.say(f"{key}: why it was refused was not found: {error.message}")
        return variant
    finally:
        work.memo.closed = False
    return variant.model_copy(update={"sensitivity": head, "mixed": found})


def _answers_badly(variant: Variant) -> bool:
    missed = [gate.gate for gate in variant.gates if not gate.passed]
    return any(gate == "disagreement" or gate.endswith("_drop") for gate in missed)
