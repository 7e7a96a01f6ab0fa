"""The proposed cut, and why it is that one."""

from typing import Any

from convert.anatomy import Back, Front
from convert.graph.discover.several import Answer
from convert.graph.discover.task import Purpose
from convert.recipe import Cut


def proposal(
    picture: str, output: str, front: Front, back: Back, given: Cut, answer: Answer | None
) -> Cut:
    """The cut of a graph that `picture` goes into; several ends go by `outputs`."""
    found: dict[str, Any] = {
        "original_input": picture,
        "input": front.end,
        "resized_outside": front.resized_outside,
    }
    if answer and (len(answer.ends) > 1 or given.outputs):
        return given.model_copy(update={**found, "outputs": dict(answer.ends)})
    if answer:
        found["output_name"] = next(iter(answer.ends))
        output = back.start
    return given.model_copy(
        update={**found, "original_output": output, "output": back.start},
    )


def reasons(front: Front, purpose: Purpose, answer: Answer | None) -> tuple[str, ...]:
    """Why the core starts and ends where it does, and what it is for."""
    back = purpose.back
    ends = ", ".join(answer.ends.values()) if answer else back.start
    return (
        f"The core starts at {front.end}: {front.why}.",
        f"It ends at {ends}: {back.why}.",
        f"What it is for: {purpose.says}.",
    )
