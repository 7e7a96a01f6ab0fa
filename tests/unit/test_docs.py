"""The documentation says what there is: every key, command, option, setting, code and recipe."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic.fields import FieldInfo
from typer.core import TyperGroup
from typer.main import get_command

from convert import errors, recipe, recipes
from convert.cli import app
from convert.preprocessing import (
    AnchorSpec,
    BoxDecoding,
    MergedDecoding,
    PictureDecoding,
    PointDecoding,
    Postprocessing,
    Preprocessing,
    Resampling,
    Upright,
    Upsampling,
)
from convert.stages.doctor import doctor
from convert.vocabulary import Record

ROOT = Path(__file__).parents[2]
README, RECIPES, COMMANDS = (
    (ROOT / name).read_text() for name in ("README.md", "docs/recipes.md", "docs/commands.md")
)

HEADINGS: dict[type[Record], str] = {
    recipe.Recipe: "The file itself",
    recipe.Source: "[source]",
    recipe.Companion: "One of the files",
    recipe.License: "[license]",
    recipe.Cut: "[cut]",
    Preprocessing: "[preprocessing]",
    Postprocessing: "[postprocessing]",
    BoxDecoding: "[postprocessing.boxes]",
    MergedDecoding: "[postprocessing.merged]",
    AnchorSpec: "[postprocessing.boxes.anchors]",
    Upright: "[postprocessing.boxes.upright]",
    PointDecoding: "[postprocessing.points]",
    PictureDecoding: "[postprocessing.picture]",
    Resampling: "A resampling",
    Upsampling: "An upsampling",
    recipe.DatasetChoice: "[dataset]",
    recipe.TargetChoice: "[targets.tflite], [targets.tfjs], [targets.onnx]",
    recipe.Quantization: "[quantization]",
    recipe.Gates: "[gates]",
    recipe.Bounds: "Bounds",
    recipe.AgainstTruth: "[against_truth]",
}


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one."""
    match = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", text, re.M | re.S)
    assert match, f"there is no heading {heading!r}"
    return match[1]


def rows(model: type[Record]) -> dict[str, list[str]]:
    """The table of a record's keys: key -> type, default, meaning."""
    lines = re.findall(r"^\| `(\w+)` \|(.+)\|$", section(RECIPES, HEADINGS[model]), re.M)
    return {key: [cell.strip() for cell in cells.split(" | ")] for key, cells in lines}


def records(annotation: object) -> Iterator[type[Record]]:
    """The records that a type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, Record):
        yield annotation
    for part in get_args(annotation):
        yield from records(part)


def reachable(model: type[Record]) -> set[type[Record]]:
    inner = {r for field in model.model_fields.values() for r in records(field.annotation)}
    return {model}.union(*(reachable(one) for one in inner))


def words(annotation: object) -> Iterator[str]:
    """The closed set of words that a type allows as a value (not as a key)."""
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    elif get_origin(annotation) is not dict:
        for part in get_args(annotation):
            yield from words(part)


FIELDS = [
    pytest.param(model, key, field, id=f"{model.__name__}.{key}")
    for model in HEADINGS
    for key, field in model.model_fields.items()
]


def test_every_table_of_a_recipe_has_its_place() -> None:
    assert reachable(recipe.Recipe) == set(HEADINGS)


@pytest.mark.parametrize("model", HEADINGS, ids=lambda model: model.__name__)
def test_no_key_is_explained_that_a_recipe_does_not_have(model: type[Record]) -> None:
    assert set(rows(model)) == set(model.model_fields)


@pytest.mark.parametrize(("model", "key", "field"), FIELDS)
def test_every_word_that_a_key_takes_is_named(
    model: type[Record], key: str, field: FieldInfo
) -> None:
    kind = rows(model)[key][0]
    assert not [word for word in words(field.annotation) if f"`{word}`" not in kind]


@pytest.mark.parametrize(("model", "key", "field"), FIELDS)
def test_the_default_that_is_told_is_the_default(
    model: type[Record], key: str, field: FieldInfo
) -> None:
    told = rows(model)[key][1]
    default = plain(field.get_default(call_default_factory=True))
    if told.startswith("`"):
        assert tomllib.loads(f"x = {told.strip('`')}")["x"] == default
    else:
        from_its_file = (model, key) == (recipe.Recipe, "name")
        assert (told == "required") == (field.is_required() and not from_its_file)
        assert field.is_required() or default in (None, *field_wholes(field))


def plain(value: object) -> Any:
    return list(value) if isinstance(value, tuple) else value


def field_wholes(field: FieldInfo) -> list[object]:
    """Defaults that are told in words: a whole record, or every scheme."""
    every = [list(get_args(recipe.Scheme))]
    return [*every, field.default] if isinstance(field.default, Record) else every


def test_the_example_is_a_recipe() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", RECIPES, re.S)
    recipe.Recipe.model_validate({"name": "example", **tomllib.loads(text)})


def commands() -> dict[str, Any]:
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    return dict(group.commands)


def options(command: Any) -> list[str]:
    return [name for option in command.params for name in option.opts if name.startswith("-")]


@pytest.mark.parametrize("name", commands())
def test_every_command_and_option_is_explained(name: str) -> None:
    match = re.search(rf"^## (convert {name}\b.*)$", COMMANDS, re.M)
    assert match, f"docs/commands.md has no convert {name}"
    text = section(COMMANDS, match[1])
    assert not [option for option in options(commands()[name]) if f"`{option}`" not in text]


def test_no_option_is_explained_that_there_is_not() -> None:
    known = {option for command in commands().values() for option in options(command)}
    above = {*options(get_command(app)), "--help", "-h"}
    told = set(re.findall(r"`(?:convert )?(--[\w-]+)`", COMMANDS))
    assert told <= known | above | {"--json"}


def test_every_setting_is_explained() -> None:
    settings = section(COMMANDS, "Settings")
    odd = f"CONVERT_{30 * 'Q'}"  # like none of them, so that all are named
    (unknown,) = [one for one in doctor({odd: "x"}) if one.subject == odd]
    names = re.findall(r"CONVERT_\w+", unknown.next_move or "")
    assert names
    assert set(names) == set(re.findall(r"^\| `(CONVERT_\w+)`", settings, re.M))


def test_every_exit_code_is_explained() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", COMMANDS, re.M)}
    fatal = {
        kind.exit_code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.ConvertError)
    }
    assert told == fatal | {0, 1, errors.INTERRUPTED}


def test_the_two_commands_of_the_readme_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for goal in ("run", "test"):
        assert f"make {goal}" in README
        assert re.search(rf"^{goal}:", makefile, re.M)


def test_every_recipe_is_in_the_readmes_table_and_no_other() -> None:
    told = re.findall(r"^\| `([a-z0-9-]+)` \|", section(README, "The recipes"), re.M)
    assert sorted(told) == sorted(path.stem for path in (ROOT / "recipes").glob("*.toml"))


def test_the_readmes_transcript_has_every_variant_of_its_recipe() -> None:
    run = recipes.load(ROOT / "recipes/deeplab-mnv2-dm05.toml")
    made = [f"{target}-{scheme}" for target, one in run.targets.items() for scheme in one.schemes]
    assert f"convert run {run.name}" in README
    assert re.findall(r"^([a-z]+-[a-z]+\d+) +[\d,]{7,} ", README, re.M) == made


def test_every_command_that_the_readme_shows_is_there() -> None:
    shown = set(re.findall(r"(?:^|`|-m )convert ([a-z]+)", README, re.M))
    assert {"run", "new", "inspect", "doctor"} <= shown <= set(commands())


def test_every_floor_of_the_imports_is_explained() -> None:
    contracts = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    (layers,) = [contract["layers"] for contract in contracts if "layers" in contract]
    floors = re.findall(r"^\| (`.+`) \|", section(read("docs/design.md"), "The floors"), re.M)
    assert [floor.replace("`", "").split(", ") for floor in floors] == as_told(layers)


def test_every_stage_is_named() -> None:
    stages = [path.stem for path in (ROOT / "convert/stages").glob("[a-z]*")]
    (line,) = re.findall(r"^\| `stages` \|(.+)$", read("docs/design.md"), re.M)
    assert sorted(re.findall(r"[a-z]+", line.split(":")[1].split(".")[0])) == sorted(stages)


def as_told(layers: list[str]) -> list[list[str]]:
    """As docs/design.md has them: the two that only start things share a line."""
    first, second, *others = [layer.split(" | ") for layer in layers]
    return [[*first, *second], *others]


@pytest.mark.parametrize("text", ["README.md", "docs/design.md", "docs/commands.md"])
def test_every_file_that_is_named_is_there(text: str) -> None:
    named = re.findall(r"[`(]((?:convert|recipes|tests|docs|training)/[\w./-]+)[`)]", read(text))
    assert named or text == "docs/commands.md"
    assert not [name for name in named if not (ROOT / name).exists()]


def read(name: str) -> str:
    return (ROOT / name).read_text()
