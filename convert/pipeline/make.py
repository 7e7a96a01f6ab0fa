"""Make one variant's file: decide what its scheme needs decided, then write it."""

from convert.pipeline.core import Core
from convert.pipeline.decided import EightBits
from convert.pipeline.eight_bits import eight_bits
from convert.pipeline.mixed import assignment
from convert.pipeline.model import Model, export
from convert.pipeline.plan import Key
from convert.pipeline.work import Work
from convert.vocabulary import CALIBRATED


def make(work: Work, core: Core, key: Key) -> Model:
    """One variant's file, unless it stands."""
    return export(work, core, key, _decided(work, core, key))


def _decided(work: Work, core: Core, key: Key) -> EightBits | None:
    if key.scheme == "mixed":
        found = assignment(work, core, key.target)
        return eight_bits(work, core, key, frozenset(found.kept_float))
    return eight_bits(work, core, key) if key.scheme in CALIBRATED else None
