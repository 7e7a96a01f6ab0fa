"""Commands that measure what is published: verify, bench and diff."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from convert.cli.app import GATE_MISSED, command
from convert.cli.options import AsJson, Browser, DatasetDir, Limit, use_browser
from convert.errors import UsageError

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
        list[Path] | None,
        typer.Argument(
            help="Published variants of one recipe, or its folder.",
            metavar="PATH...",
            show_default=False,
        ),
    ] = None,
    suite: Annotated[
        Literal["articles"] | None,
        typer.Option(help="Fill these tables, into docs/ here.", metavar="articles"),
    ] = None,
    runtime: Annotated[
        list[str] | None,
        typer.Option(help="Default: litert and onnxruntime; web-wasm, web.", metavar="NAME"),
    ] = None,
    browser: Browser = None,
    threads: Annotated[
        list[int] | None, typer.Option(min=1, help="Default: 1, and all cores.", metavar="N")
    ] = None,
    runs: Annotated[int, typer.Option(min=10, help="Timed runs of each.", metavar="N")] = 50,
    seconds: Annotated[
        float, typer.Option(min=1, help="Most seconds of a page's timed runs.", metavar="N")
    ] = 60,
    force: Annotated[
        bool, typer.Option("--force", help="Measure the suite's finished rows again.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Time published files in interleaved rounds: min, p50, p90, memory, delegated operators.

    Files take turns in short rounds, so that what else the machine does falls on all alike: the
    ratios hold on a busy machine, where the times are too long. In the browser, every file on every
    runtime has a page of its own; figures that only a page has are in the --json.

    --suite articles measures what is published of the articles' models on their runtimes, a row
    after the other, and writes docs/benchmarks.md and .json; begun again, it goes on.
    """
    use_browser(browser)
    if suite:
        if paths or runtime or threads:
            raise UsageError("--suite names its own files, runtimes and threads")
        _bench_suite(runs, seconds, force, as_json)
        return
    if not paths:
        raise UsageError("there is nothing to time", hint="Give folders, or --suite articles.")
    from convert.pipeline.again import bench_again
    from convert.render.live import live_progress
    from convert.render.measured import show_times

    with live_progress("bench") as progress:
        found = bench_again(paths, runtime or (), threads or None, runs, progress, seconds)
    show_times(found, as_json)


def _bench_suite(runs: int, seconds: float, force: bool, as_json: bool) -> None:
    """Measure the articles' rows and write them into docs/ of the working folder."""
    from convert.pipeline.settings import settings
    from convert.pipeline.suite import articles
    from convert.render.articles import show_articles
    from convert.render.live import live_progress

    with live_progress("bench articles") as progress:
        found = articles(settings(), runs=runs, seconds=seconds, force=force, progress=progress)
    show_articles(found, Path("docs"), as_json)


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
