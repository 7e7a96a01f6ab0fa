"""One thing that was looked at."""

from typing import Literal

from convert.vocabulary import Record

Status = Literal["good", "notable", "bad"]
Area = Literal["python", "package", "runtime", "browser", "machine", "command", "setting"]


class Finding(Record):
    """One thing that was looked at; a `bad` one keeps something from working."""

    area: Area
    subject: str
    status: Status
    found: str
    next_move: str | None = None
    """What to do, where the finding is not good."""


def judged(
    area: Area, subject: str, good: bool, found: str, next_move: str, otherwise: Status = "bad"
) -> Finding:
    """Good, or `otherwise`; only then is there a next move."""
    return Finding(
        area=area,
        subject=subject,
        status="good" if good else otherwise,
        found=found,
        next_move=None if good else next_move,
    )
