"""Recipes as people read them."""

from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from convert.pipeline.standing import Standing
from convert.recipe import Bounds, Recipe
from convert.recipes import sized
from convert.render.console import out, print_json, roomy, show, size, table
from convert.vocabulary import Record


class _Listed(Record):
    """A line of `convert list --json`."""

    name: str
    title: str
    task: str
    format: str
    license: str
    restricted: bool
    bytes: int | None
    pulled: str | None
    published: tuple[str, ...]


def show_recipes(standings: Sequence[Standing], as_json: bool) -> None:
    """One line a recipe."""
    if as_json:
        print_json([_listed(standing) for standing in standings])
        return
    columns = ["recipe", "task", "size", "license", "pulled", "published"]
    if roomy(116):
        columns.insert(2, "source")
    made = table(*columns, right=("size",))
    for standing in standings:
        cells = _cells(standing)
        made.add_row(*(cells[title] for title in columns))
    show(made)


def _cells(standing: Standing) -> dict[str, str]:
    recipe = standing.recipe
    return {
        "recipe": recipe.name,
        "task": recipe.task,
        "source": recipe.source.format,
        "size": size(whole) if (whole := recipe.source.whole_bytes) else "",
        "license": f"{recipe.license.id}{', restricted' if recipe.license.restricted else ''}",
        "pulled": "yes" if standing.pulled else "",
        "published": _published(standing),
    }


def _published(standing: Standing) -> str:
    """Such as `8 of 9`."""
    if not standing.published:
        return ""
    made = sum(len(choice.schemes) for choice in standing.recipe.targets.values())
    return f"{len(standing.published)} of {made * len(sized(standing.recipe))}"


def _listed(standing: Standing) -> _Listed:
    recipe = standing.recipe
    return _Listed(
        name=recipe.name,
        title=recipe.title,
        task=recipe.task,
        format=recipe.source.format,
        license=recipe.license.id,
        restricted=recipe.license.restricted,
        bytes=recipe.source.whole_bytes,
        pulled=str(standing.pulled) if standing.pulled else None,
        published=standing.published,
    )


def show_recipe(standing: Standing, path: Path, as_json: bool) -> None:
    """Everything a recipe says, in words."""
    recipe = standing.recipe
    if as_json:
        print_json(recipe)
        return
    title = f"[bold]{recipe.name}[/bold]  {escape(recipe.title)}"
    out().print(f"{title}\n{escape(str(path))}\n", soft_wrap=True)
    made = Table(box=None, show_header=False, pad_edge=False)
    made.add_column(style="bold", no_wrap=True)
    made.add_column(overflow="fold")
    for title, text in _explained(standing):
        made.add_row(title, escape(text))
    show(made)


def _explained(standing: Standing) -> list[tuple[str, str]]:
    recipe = standing.recipe
    made = [f"{t}: {', '.join(c.schemes)} ({c.layout})" for t, c in recipe.targets.items()]
    labels = f": {', '.join(recipe.labels)}" if recipe.labels else ""
    return [
        ("task", f"{recipe.task}, {recipe.classes} classes{labels}"),
        ("source", _source(recipe)),
        ("license", _license(recipe)),
        ("here", str(standing.pulled or f"not yet: convert pull {recipe.name}")),
        ("cut", _cut(recipe)),
        ("before", _before(recipe)),
        ("after", _after(recipe)),
        ("measured by", _measured_by(recipe)),
        ("made", "\n".join(made)),
        ("gates", _gates(recipe)),
        ("published", ", ".join(standing.published) or f"nothing yet: convert run {recipe.name}"),
    ]


def _source(recipe: Recipe) -> str:
    source = recipe.source
    places = source.urls or (source.bundled or source.path or "",)
    digest = f"sha256 {source.sha256}" if source.sha256 else f"sha384 {source.sha384}"
    member = [f"its member {source.member}"] if source.member else []
    bulk = [f"{source.whole_bytes:,} bytes"] if source.whole_bytes else []
    return "\n".join([source.format, *places, *member, *bulk, digest])


def _measured_by(recipe: Recipe) -> str:
    usual, truth = f"{recipe.metric} on {recipe.dataset.kind}", recipe.against_truth
    instead = f"\n{truth.metric} where --dataset is of kind {truth.dataset.kind}" if truth else ""
    return f"{usual} {recipe.dataset.evaluation}{instead}"


def _license(recipe: Recipe) -> str:
    license = recipe.license
    restricted = " (restricted: must be accepted)" if license.restricted else ""
    dated = f", {license.dated}" if license.dated else ""
    instead = f"\ninstead: {license.instead}" if license.instead else ""
    return f"{license.id}{restricted}\n{license.evidence}{dated}{instead}"


def _cut(recipe: Recipe) -> str:
    cut, found = recipe.cut, "(found from the graph)"
    ends = ", ".join(f"{node or found} (called {name})" for name, node in cut.ends.items())
    last = "the same" if cut.outputs else cut.original_output or found
    return (
        f"{cut.input or found} (called {cut.input_name}) → {ends}; "
        f"the uncut graph is {cut.original_input or found} → {last}"
    )


def _before(recipe: Recipe) -> str:
    pre = recipe.preprocessing
    how = f"{pre.resampling.method}{', antialiased' if pre.resampling.antialias else ''}"
    padded = f", padded with {pre.pad_value:g}" if pre.resize in ("letterbox", "shrink") else ""
    mean, scale = (
        f"{values[0]:.6g}" if len(set(values)) == 1 else str(values)
        for values in (pre.mean, pre.scale)
    )
    return (
        f"{pre.channels}, {pre.resize} to {pre.size[0]} x {pre.size[1]} ({how}){padded}, "
        f"(pixel - {mean}) * {scale}"
    )


def _after(recipe: Recipe) -> str:
    post = recipe.postprocessing
    steps = [
        f"upsample to {post.upsample.size[0]} x {post.upsample.size[1]}" if post.upsample else "",
        post.decode if post.decode != "none" else "",
        "cut the padding off" if post.unpad else "",
        f"resize to the picture ({post.restore.method})" if post.restore else "",
    ]
    boxes = post.boxes
    steps += [
        f"boxes of {boxes.boxes} and {boxes.scores}, from a score of {boxes.score_threshold:g}"
        if boxes
        else "",
        f"boxes with their scores, from {post.merged.score_threshold:g}" if post.merged else "",
        f"points of {post.points.columns} columns" if post.points else "",
        "a picture" if post.picture else "",
        "the numbers as they are" if post.tensors else "",
    ]
    return ", ".join(filter(None, steps)) or "nothing"


def _gates(recipe: Recipe) -> str:
    schemes = dict.fromkeys(s for choice in recipe.targets.values() for s in choice.schemes)
    lines = [f"{scheme}: {_bounds(recipe.gates.bounds(scheme))}" for scheme in schemes]
    return "\n".join(lines)


def _bounds(bounds: Bounds) -> str:
    given = bounds.model_dump(exclude_none=True).items()
    sides = {"agreement": "at least"}
    said = (f"{name} {sides.get(name, 'at most')} {value:g}" for name, value in given)
    return ", ".join(said) or "none"
