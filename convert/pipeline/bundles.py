"""Hand bundles on and take them over: check, publish to a place, bring from one."""

import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from convert import recipes
from convert.bundle import layout
from convert.bundle.bring import bring
from convert.bundle.index import Published, published, read_index, require_version
from convert.bundle.signing import sign
from convert.errors import ConvertError, SourceError, UnsupportedError, UsageError
from convert.licensing import require_accepted
from convert.machine import cores
from convert.manifest import NAME as MANIFEST
from convert.manifest import Manifest
from convert.metrics import METRICS
from convert.pipeline.settings import Settings
from convert.places import open_place
from convert.places.base import Place
from convert.progress import Progress
from convert.provenance import remember
from convert.recipe import Recipe
from convert.runtimes import RUNTIMES
from convert.stages.adopt import adopt, model_file
from convert.stages.check import check
from convert.stages.golden import replay
from convert.stages.pack import pack
from convert.stages.pull import Pulled, pull
from convert.stages.release import release
from convert.store import digest_file
from convert.vocabulary import Record

NPM = "npm:"
_RECIPES = Path("recipes")
"""Where `convert new` writes recipes, too."""
_NEAR = 1e-3
"""Share of the golden output's range that another machine's arithmetic may differ by."""
_EASIEST = ("tflite-float32", "onnx-float32", "tfjs-float32")
"""What is taken over of a version, in this order: nothing is lost in them."""


class GoldenFound(Record):
    """The golden tensors on one runtime; `difference` is in parts of the output's range."""

    runtime: str
    difference: float | None
    error: str | None = None


class BundleFound(Record):
    """One bundle, checked."""

    where: str
    files: int
    bytes: int
    signed_by: str | None
    golden: tuple[GoldenFound, ...]
    problems: tuple[str, ...]
    """Each begins with the name of the file."""
    passed: bool


class HandedOn(Record):
    """What publishing to a place did."""

    name: str
    version: str
    to: str
    variants: tuple[str, ...]
    signed_by: str | None
    was_there: bool
    """With these very bytes, so there was nothing to do."""


@dataclass(frozen=True, kw_only=True)
class _At:
    """A bundle at a place, and what the index there says of it."""

    place: Place
    prefix: str
    variant: str
    wanted: Published | None = None


def check_bundles(where: str, key: Path | None, progress: Progress) -> list[BundleFound]:
    """Check a bundle, or all of a recipe's or a version's, in a folder or at a URL.

    Raises SourceError where there is none.
    """
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        found = []
        for folder, label, wanted in _folders(where, scratch, progress):
            progress.stage("", f"check {label}")
            found.append(_checked(folder, label, key, wanted))
        return found


def publish_to(
    name: str, to: str, version: str, key: Path | None, settings: Settings, progress: Progress
) -> HandedOn:
    """Check what is published of a recipe here, sign it if a key is given, and hand it on.

    Raises UsageError where nothing is published, or the version is there with other bytes,
    SourceError where a bundle is damaged or the place fails.
    """
    require_version(version)
    place = None if to.startswith(NPM) else open_place(to)
    folder = settings.out / name
    variants = _published_here(folder)
    for label, path in variants.items():
        _require_sound(path, label, settings.accepted, name, progress)
    with tempfile.TemporaryDirectory() as scratch:
        copies, signer = {}, None
        for label, path in variants.items():
            copies[label] = Path(shutil.copytree(path, Path(scratch, label)))
            signer = sign(copies[label], key) if key else signer
        if place is None:
            target = Path(to.removeprefix(NPM))
            made = pack(copies, target, name=name, version=version, kit=folder / "kit")
        else:
            made = release(
                copies,
                place,
                name=name,
                version=version,
                check=lambda there: check(there).problems,
                progress=progress,
            )
    return HandedOn(
        name=name,
        version=version,
        to=to,
        variants=tuple(variants),
        signed_by=signer,
        was_there=not made,
    )


def pull_bundle(
    name: str, url: str, settings: Settings, accepted: Collection[str], progress: Progress
) -> Pulled:
    """Take a bundle over: as the file of the recipe `name`, or with a new recipe of that name.

    Raises SourceError where the bundle is not sound, UsageError for a restricted license.
    """
    at = _chosen(_bundles_at(url))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        bring(at.place, at.prefix, folder)
        problems = [*check(folder).problems, *_index_problems(folder, at.wanted)]
        if problems:
            raise SourceError("\n  ".join([f"{url}: the bundle is not sound:", *problems]))
        origin, file = f"{at.place.url}/{at.prefix}".rstrip("/"), model_file(folder)
        if name in recipes.files():
            recipe = recipes.load(recipes.find(name))
        else:
            license = Manifest.model_validate_json((folder / MANIFEST).read_bytes()).license
            require_accepted(license, accepted, name)
            recipe = _adopted(folder, name, origin, url, settings)
        got = pull(recipe, raw=settings.raw, from_file=file, accepted=accepted, progress=progress)
        return _from(origin, got, recipe, digest_file(file))


def _adopted(folder: Path, name: str, origin: str, url: str, settings: Settings) -> Recipe:
    try:
        return adopt(folder, name=name, origin=origin, raw=settings.raw, recipes=_RECIPES)
    except UnsupportedError as error:
        others = _beside(url)
        hint = f"Of the same version, {', '.join(others)} may be taken." if others else error.hint
        raise UnsupportedError(f"{origin}: {error.message}", hint=hint) from error


def _beside(url: str) -> list[str]:
    """What else is published of the version that a variant is of, the easiest first."""
    above, _, variant = url.rstrip("/").rpartition("/")
    name, _, version = above.rpartition("/")
    index = read_index(open_place(name), "") if name.rpartition("/")[2] else None
    there = index.versions.get(version, {}) if index else {}
    first = {easy: place for place, easy in enumerate(_EASIEST)}
    return sorted(there.keys() - {variant}, key=lambda one: (first.get(one, len(first)), one))


def _from(url: str, got: Pulled, recipe: Recipe, sha256: str) -> Pulled:
    """With the URL as its origin, unless another file of the recipe was here already."""
    if digest_file(got.path) != sha256:
        return got
    remember(got.path, recipe.source, download=got.path, origin=url, license=recipe.license)
    return replace(got, origin=url)


def _published_here(folder: Path) -> dict[str, Path]:
    found = {path.parent.name: path.parent for path in sorted(folder.glob(f"*/{MANIFEST}"))}
    if not found:
        raise UsageError(
            f"nothing of {folder.name} is published in {folder.parent}",
            hint=f"`convert run {folder.name}` publishes what passes.",
        )
    return found


def _require_sound(
    path: Path, label: str, accepted: Collection[str], name: str, progress: Progress
) -> None:
    progress.stage(label, "check")
    found = _checked(path, label, None, None)
    if not found.passed:
        raise SourceError(
            "\n  ".join([f"{path} is not fit to be handed on:", *_complaints(found)]),
            hint=f"`convert run {name}` makes it anew.",
        )
    license = Manifest.model_validate_json((path / MANIFEST).read_bytes()).license
    require_accepted(license, accepted, name)


def _complaints(found: BundleFound) -> Iterator[str]:
    yield from found.problems
    for one in found.golden:
        yield f"golden tensors on {one.runtime}: {one.error or one.difference}"


def _checked(folder: Path, label: str, key: Path | None, wanted: Published | None) -> BundleFound:
    found = check(folder, key)
    problems = (*found.problems, *_index_problems(folder, wanted))
    golden = () if problems else tuple(_golden(folder))
    return BundleFound(
        where=label,
        files=found.files,
        bytes=found.bytes,
        signed_by=found.signed_by,
        golden=golden,
        problems=problems,
        passed=not problems and all(one.error is None for one in golden),
    )


def _index_problems(folder: Path, wanted: Published | None) -> Iterator[str]:
    if wanted and published(folder) != wanted:
        yield f"{layout.SUMS}: not the one that index.json names"


def _golden(folder: Path) -> Iterator[GoldenFound]:
    """The golden tensors on every runtime that is here and takes the file."""
    manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    for runtime in RUNTIMES.values():
        if manifest.artifact.target == runtime.TARGET and runtime.missing() is None:
            yield _replayed(folder, manifest, runtime.NAME)


def _replayed(folder: Path, manifest: Manifest, name: str) -> GoldenFound:
    """One runtime's answer; what the bundle was published for must give the golden one."""
    signature = manifest.artifact.signature
    truthful = METRICS[manifest.recipe.metric].AGAINST == "truth"
    try:
        session = RUNTIMES[name].open_session(folder / manifest.artifact.path, signature, cores())
        like = replay(
            session, signature.inputs[0].name, folder, manifest.golden, classified=truthful
        )
    except ConvertError as error:
        return GoldenFound(runtime=name, difference=None, error=error.message)
    far = name == manifest.golden.runtime and not like.difference < _NEAR
    wrong = f"{like.difference:.3g} of its range away" if far else like.wrong
    return GoldenFound(runtime=name, difference=like.difference, error=wrong)


def _folders(
    where: str, scratch: Path, progress: Progress
) -> Iterator[tuple[Path, str, Published | None]]:
    """Folders, brought here where they are not, with a label and what an index says of each."""
    path = Path(where)
    if "://" not in where and not path.is_dir():
        raise UsageError(f"{where}: no such folder", hint="Give a published folder, or a URL.")
    if "://" not in where and not (path / "index.json").is_file():
        variants = sorted(found.parent for found in path.glob(f"*/{MANIFEST}"))
        itself = (path / layout.SUMS).exists() or (path / MANIFEST).exists() or not variants
        for folder in [path] if itself else variants:
            yield folder, str(folder), None
        return
    url = where if "://" in where else path.resolve().as_uri()
    for at in _bundles_at(url):
        progress.stage("", f"bring {at.variant}")
        bring(at.place, at.prefix, scratch / at.variant)
        yield scratch / at.variant, f"{at.place.url}/{at.prefix}".rstrip("/"), at.wanted


def _bundles_at(url: str) -> list[_At]:
    """The bundle at a URL, those of the version there, or those of the latest version there."""
    place, last = open_place(url), url.rstrip("/").rpartition("/")[2]
    if place.read(layout.SUMS) is not None:
        return [_At(place=place, prefix="", variant=last)]
    index = read_index(place, "")
    if index:
        return _version(place, index.versions[index.latest], f"{index.latest}/")
    above = url.rstrip("/").rpartition("/")[0]
    index = read_index(open_place(above), "") if above.rpartition("/")[2] else None
    if index and last in index.versions:
        return _version(place, index.versions[last], "")
    raise SourceError(
        f"{url}: no bundle, and no index that shows one",
        hint="Give what was published: URL/NAME, URL/NAME/VERSION or one variant of it.",
    )


def _version(place: Place, there: Mapping[str, Published], base: str) -> list[_At]:
    return [
        _At(place=place, prefix=f"{base}{variant}/", variant=variant, wanted=wanted)
        for variant, wanted in there.items()
    ]


def _chosen(there: list[_At]) -> _At:
    """One of several: the easiest to go on from."""
    by_name = {at.variant: at for at in there}
    easiest = next((by_name[name] for name in _EASIEST if name in by_name), None)
    return easiest or there[0]
