"""Commands that measure what is published: verify and bench."""

from pathlib import Path
from typing import Annotated

import typer

from convert.cli.app import GATE_MISSED, command
from convert.cli.options import AsJson, DatasetDir, Limit

Folder = Annotated[
    Path, typer.Argument(help="A published variant: `models/out/<recipe>/<target>-<scheme>`.")
]


@command("verify")
def verify(
    path: Folder, dataset: DatasetDir = None, limit: Limit = None, as_json: AsJson = False
) -> None:
    """Check a published folder's digests and golden tensors, and measure it on pictures again."""
    from convert.pipeline.again import verify_again
    from convert.pipeline.settings import settings
    from convert.render.live import live_progress
    from convert.render.measured import show_verified

    with live_progress(f"verify {path}") as progress:
        found = verify_again(path, settings(), dataset, limit, progress)
    show_verified(found, as_json)
    if not found.passed:
        raise typer.Exit(GATE_MISSED)


@command("bench")
def bench(
    paths: Annotated[
        list[Path], typer.Argument(help="Published variants of one recipe, or its folder.")
    ],
    runtime: Annotated[str | None, typer.Option(help="Only this runtime.", metavar="NAME")] = None,
    threads: Annotated[
        list[int] | None, typer.Option(min=1, help="Default: 1, and all cores.", metavar="N")
    ] = None,
    runs: Annotated[int, typer.Option(min=10, help="Timed runs of each.", metavar="N")] = 50,
    as_json: AsJson = False,
) -> None:
    """Time published files in interleaved rounds: min, p50, p90, memory, delegated operators."""
    from convert.pipeline.again import bench_again
    from convert.render.live import live_progress
    from convert.render.measured import show_times

    with live_progress("bench") as progress:
        found = bench_again(paths, runtime, threads or None, runs, progress)
    show_times(found, as_json)
