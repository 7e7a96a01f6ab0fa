"""Commands that measure what is published: verify, bench and diff."""

from pathlib import Path
from typing import Annotated

import typer

from convert.cli.app import GATE_MISSED, command
from convert.cli.options import AsJson, Browser, DatasetDir, Limit, use_browser

Folder = Annotated[
    Path,
    typer.Argument(
        help="A published variant: models/out/<recipe>/<target>-<scheme>.", metavar="PATH"
    ),
]


@command("verify", "Check a published folder and measure it on pictures again.")
def verify(
    path: Folder,
    runtime: Annotated[
        str | None,
        typer.Option(
            help="On this runtime; default: the one it was published for.", metavar="NAME"
        ),
    ] = None,
    browser: Browser = None,
    dataset: DatasetDir = None,
    limit: Limit = None,
    as_json: AsJson = False,
) -> None:
    """Check a published folder's digests and golden tensors, and measure it on pictures again.

    The exit code is 1 where the folder is not what its manifest says. A runtime of the browser,
    such as tfjs-wasm-simd or litert-web, is given the same tensors as a native one.
    """
    from convert.pipeline.again import verify_again
    from convert.pipeline.settings import settings
    from convert.render.live import live_progress
    from convert.render.measured import show_verified

    use_browser(browser)
    with live_progress(f"verify {path}") as progress:
        found = verify_again(path, settings(), dataset, limit, progress, runtime)
    show_verified(found, as_json)
    if not found.passed:
        raise typer.Exit(GATE_MISSED)


@command("bench", "Time published files against each other.")
def bench(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Published variants of one recipe, or its folder.", metavar="PATH..."),
    ],
    runtime: Annotated[
        list[str] | None,
        typer.Option(help="Default: litert and onnxruntime; web-wasm, web.", metavar="NAME"),
    ] = None,
    browser: Browser = None,
    threads: Annotated[
        list[int] | None, typer.Option(min=1, help="Default: 1, and all cores.", metavar="N")
    ] = None,
    runs: Annotated[int, typer.Option(min=10, help="Timed runs of each.", metavar="N")] = 50,
    as_json: AsJson = False,
) -> None:
    """Time published files in interleaved rounds: min, p50, p90, memory, delegated operators.

    Files take turns in short rounds, so that what else the machine does falls on all alike: the
    ratios hold on a busy machine, where the times are too long. In the browser, every file on every
    runtime has a page of its own; figures that only a page has are in the --json.
    """
    from convert.pipeline.again import bench_again
    from convert.render.live import live_progress
    from convert.render.measured import show_times

    use_browser(browser)
    with live_progress("bench") as progress:
        found = bench_again(paths, runtime or (), threads or None, runs, progress)
    show_times(found, as_json)


@command("diff", "Compare two published folders or model files, down to layers.")
def diff(
    a: Annotated[Path, typer.Argument(help="A published variant, or a model file.", metavar="A")],
    b: Annotated[Path, typer.Argument(help="What it is compared with.", metavar="B")],
    dataset: DatasetDir = None,
    limit: Limit = None,
    bound: Annotated[
        float | None,
        typer.Option(min=-1, max=1, help="The least cosine of every layer.", metavar="COSINE"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare two published folders, or two model files of any format.

    Shows figures with the interval of their difference on the same pictures, what was changed,
    operators, and where the outputs of layers part. With --bound, the exit code is 1 where a
    layer is under it.
    """
    from convert.pipeline.diff import diff as compare
    from convert.pipeline.settings import settings
    from convert.render.difference import show_difference
    from convert.render.live import live_progress

    with live_progress("diff") as progress:
        found = compare(
            a, b, settings(), dataset=dataset, limit=limit, bound=bound, progress=progress
        )
    show_difference(found, as_json)
    if not found.passed:
        raise typer.Exit(GATE_MISSED)
