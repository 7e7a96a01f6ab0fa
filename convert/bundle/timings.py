"""timings.json: how fast a published file was, apart from what the same inputs always give.

No two runs take the same time, so the checksums leave this file out; its own seal tells whether a
byte of it was changed.
"""

import hashlib

from pydantic import ValidationError

from convert.errors import SourceError
from convert.machine import Machine
from convert.report import Latency, Verdict
from convert.vocabulary import Record


class Timings(Record):
    """The times of one run on one machine, and the gates that were judged by them."""

    machine: Machine
    latency: tuple[Latency, ...]
    gates: tuple[Verdict, ...] = ()
    seal: str = ""
    """The SHA-256 of this record's JSON with an empty seal."""


def timings_text(timings: Timings) -> str:
    """The file's text, sealed."""
    bare = timings.model_copy(update={"seal": ""})
    seal = hashlib.sha256(bare.model_dump_json(indent=1).encode()).hexdigest()
    return bare.model_copy(update={"seal": seal}).model_dump_json(indent=1) + "\n"


def read_timings(content: bytes) -> Timings:
    """Read the file. Raises SourceError where a byte is not as `timings_text` wrote it."""
    try:
        timings = Timings.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise SourceError(f"timings.json: {key}: {first['msg']}") from error
    if timings_text(timings).encode() != content:
        raise SourceError("timings.json: its seal is not of its content")
    return timings
