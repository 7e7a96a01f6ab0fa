"""What the command line does, as functions: `import convert` has all of these names.

They take and give the records that `--json` prints, raise the errors of `convert.errors`, print
nothing, and heed the same CONVERT_* settings. The examples are run by the tests, in a folder
where `convert run deeplab-shapes --limit 12` was called.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from convert.api.bundle import Bundle
from convert.api.bundle import open_bundle as open

if TYPE_CHECKING:
    from convert.anatomy import Anatomy
    from convert.difference import Difference
    from convert.pipeline.again import Verified
    from convert.progress import Progress
    from convert.recipe import Recipe
    from convert.report import Report
    from convert.stages.bench import Outcome
    from convert.vocabulary import Scheme, Target

__all__ = ["Bundle", "bench", "diff", "inspect", "load_recipe", "open", "run", "verify"]

PathLike = str | Path
Word = TypeVar("Word", bound=str)


def load_recipe(name: PathLike) -> "Recipe":
    """A recipe, by its name or by the path of its .toml file.

    Raises UsageError where there is none or a key is wrong.

    >>> import convert
    >>> recipe = convert.load_recipe("deeplab-shapes")
    >>> recipe.task, recipe.preprocessing.size
    ('segmentation', (129, 129))
    """
    from convert import recipes

    return recipes.load(recipes.find(str(name)))


def run(
    recipe: "Recipe | PathLike",
    *,
    targets: "Collection[Target] | None" = None,
    schemes: "Collection[Scheme] | None" = None,
    dataset: PathLike | None = None,
    calibration: PathLike | None = None,
    limit: int | None = None,
    force: bool = False,
    jobs: int | None = None,
    runtimes: Collection[str] = (),
    mirror: str | None = None,
    from_file: PathLike | None = None,
    accept_licenses: Collection[str] = (),
    progress: "Progress | None" = None,
) -> "Report":
    """Take a recipe down the whole road and publish what passes, as `convert run` does.

    The arguments are the command's options. A missed gate is no error: see `passed` of the report
    and of its variants. A recipe's further sizes are recipes of their own, which
    `convert.recipes.sized` gives. Raises every error of `convert.errors`.

    >>> import convert
    >>> report = convert.run("deeplab-shapes", targets=["tflite"], limit=12)
    >>> report.passed
    True
    >>> [variant.scheme for variant in report.variants]
    ['float32', 'float16', 'uint8']
    """
    from dataclasses import replace

    from convert.machine import cores
    from convert.pipeline.plan import Options, plan
    from convert.pipeline.run import run as run_plan
    from convert.pipeline.settings import settings
    from convert.runtimes import browser_runtimes
    from convert.vocabulary import SCHEMES, TARGETS

    where = settings()
    where = replace(where, accepted=where.accepted | set(accept_licenses))
    options = Options(
        targets=_known(targets, TARGETS, "targets"),
        schemes=_known(schemes, SCHEMES, "schemes"),
        dataset=_path(dataset),
        calibration=None if calibration is None else str(calibration),
        limit=limit,
        force=force,
        jobs=jobs or cores(),
        mirror=mirror,
        from_file=_path(from_file),
        runtimes=browser_runtimes(tuple(runtimes)),
    )
    loaded = load_recipe(recipe) if isinstance(recipe, str | Path) else recipe
    return run_plan(plan(loaded, where, options), progress or _silence())


def inspect(file: PathLike) -> "Anatomy":
    """What a model file is made of and where it would be cut, as `convert inspect` finds it.

    Raises SourceError for what is no whole model file, UnsupportedError for what cannot be read.

    >>> import convert
    >>> anatomy = convert.inspect("models/out/deeplab-shapes/tflite-float32/model.tflite")
    >>> anatomy.task, anatomy.front.preprocessing.size
    ('segmentation', (129, 129))
    """
    from convert.stages.inspect import inspect as look_inside

    return look_inside(Path(file))


def verify(
    folder: PathLike,
    *,
    runtime: str | None = None,
    dataset: PathLike | None = None,
    limit: int | None = None,
    progress: "Progress | None" = None,
) -> "Verified":
    """Check a published folder's digests and golden tensors, and measure it on pictures again.

    `runtime` is another than the one it was published for, such as "tfjs-wasm-simd". Raises
    UsageError for what is no published folder, SourceError where a file was changed, RuntimeFailure
    where another runtime computes something else.

    >>> import convert
    >>> found = convert.verify("models/out/deeplab-shapes/onnx-float32", limit=2)
    >>> found.passed, found.images
    (True, 2)
    """
    from convert.pipeline.again import verify_again
    from convert.pipeline.settings import settings

    at = _path(dataset)
    return verify_again(Path(folder), settings(), at, limit, progress or _silence(), runtime)


def bench(
    *paths: PathLike,
    runtimes: Collection[str] = (),
    threads: Collection[int] | None = None,
    runs: int = 50,
    progress: "Progress | None" = None,
) -> "Mapping[tuple[str, int], Outcome]":
    """Time published folders against each other, in interleaved rounds.

    `runtimes` are names, or words for several of the browser's; none: litert and onnxruntime.
    Gives by folder's name (of a page: `<folder>@<runtime>`) and number of threads a Latency, or
    the RuntimeFailure it ended in. Raises UsageError where nothing can be timed.

    >>> import convert
    >>> times = convert.bench("models/out/deeplab-shapes/tflite-uint8", threads=[1], runs=10)
    >>> times["tflite-uint8", 1].min_ms < 1000
    True
    """
    from convert.pipeline.again import bench_again

    many = tuple(threads) if threads else None
    at = [Path(path) for path in paths]
    return bench_again(at, tuple(runtimes), many, runs, progress or _silence())


def diff(
    a: PathLike,
    b: PathLike,
    *,
    dataset: PathLike | None = None,
    limit: int | None = None,
    bound: float | None = None,
    progress: "Progress | None" = None,
) -> "Difference":
    """Compare two published folders or model files: figures, facts, operators, weights, layers.

    `bound` is the cosine that every layer must reach for the result to pass. Raises what reading
    and running the two raises.

    >>> import convert
    >>> out = "models/out/deeplab-shapes"
    >>> found = convert.diff(f"{out}/tflite-float32", f"{out}/tflite-float16", bound=0.99)
    >>> found.passed, found.layers.first_under
    (True, None)
    """
    from convert.pipeline.diff import diff as compare
    from convert.pipeline.settings import settings

    return compare(
        Path(a),
        Path(b),
        settings(),
        dataset=_path(dataset),
        limit=limit,
        bound=bound,
        progress=progress or _silence(),
    )


def _known(
    given: Collection[Word] | None, known: tuple[Word, ...], what: str
) -> tuple[Word, ...] | None:
    """In the order of `known`. Raises UsageError for a word that is not among them."""
    from convert.errors import UsageError

    if given is None:
        return None
    unknown = [word for word in given if word not in known]
    if unknown or isinstance(given, str):
        raise UsageError(
            f"{what}: {given if isinstance(given, str) else unknown[0]!r} is not known",
            hint=f"Give a list of {', '.join(known)}.",
        )
    return tuple(word for word in known if word in given)


def _path(given: PathLike | None) -> Path | None:
    return None if given is None else Path(given)


def _silence() -> "Progress":
    from convert.progress import Silence

    return Silence()
