"""What a run is about to do."""

from collections.abc import Sequence
from itertools import product

from rich.markup import escape

from convert.pipeline.plan import Key, Plan
from convert.render.console import err


def show_plan(plan: Plan) -> None:
    """What is about to be done, on stderr."""
    recipe = plan.recipe
    err().print(
        f"[bold]{recipe.name}[/bold]  {escape(recipe.title)} ({escape(recipe.license.id)})\n"
        f"  make       {_summed_up(plan.variants)}\n"
        f"  calibrate  on {_calibration(plan)}\n"
        f"  measure    on {len(plan.evaluation)} pictures of {plan.dataset}\n"
        f"  publish    in {escape(str(plan.out))}",
        soft_wrap=True,
    )
    for sentence in plan.unreadable:
        err().print(f"  left out   {escape(sentence)}", soft_wrap=True)


def _calibration(plan: Plan) -> str:
    facts = plan.calibration_facts
    if facts.kind == "synthesised":
        return f"{facts.images} drawn pictures: without real ones eight bits lose more"
    return f"{facts.images} pictures of {escape(facts.of)}"


def _summed_up(keys: Sequence[Key]) -> str:
    """Such as `tflite, onnx x float32, uint8: 4 files`."""
    targets = tuple(dict.fromkeys(key.target for key in keys))
    schemes = tuple(dict.fromkeys(key.scheme for key in keys))
    every = {(key.target, key.scheme) for key in keys} == set(product(targets, schemes))
    files = f"{len(keys)} file{'s' if len(keys) > 1 else ''}"
    named = f"{', '.join(targets)} x {', '.join(schemes)}" if every else ", ".join(map(str, keys))
    return f"{named}: {files}"
