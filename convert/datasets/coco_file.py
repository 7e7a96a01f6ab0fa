"""A file of annotations as COCO writes it, checked before anything of it is used.

The format is https://cocodataset.org/#format-data, "object detection"; what else a file holds
(licenses, segmentations, areas) is passed over.
"""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    PositiveInt,
    ValidationError,
    model_validator,
)

from convert.errors import SourceError

Length = Annotated[FiniteFloat, Field(ge=0)]


class _Read(BaseModel):
    """What is read of others' files: keys that are not known are theirs."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Image(_Read):
    """A picture; without its size, that is not checked."""

    id: int
    file_name: str = Field(min_length=1)
    height: PositiveInt | None = None
    width: PositiveInt | None = None

    @model_validator(mode="after")
    def _inside(self) -> Self:
        for path in (PurePosixPath(self.file_name), PureWindowsPath(self.file_name)):
            if path.is_absolute() or path.drive or ".." in path.parts or "\0" in self.file_name:
                raise ValueError(f"file_name {self.file_name!r} leads outside")
        return self


class Annotation(_Read):
    """A box: left, top, width and height in pixels. A crowd is one box around many."""

    image_id: int
    category_id: int
    bbox: tuple[FiniteFloat, FiniteFloat, Length, Length]
    iscrowd: Literal[0, 1] = 0


class Category(_Read):
    """A class, by the number that annotations call it."""

    id: int
    name: str = Field(min_length=1)


class Instances(_Read):
    """A whole file."""

    images: tuple[Image, ...]
    annotations: tuple[Annotation, ...]
    categories: tuple[Category, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _once("images: id", (each.id for each in self.images))
        _once("images: file_name", (each.file_name for each in self.images))
        _once("categories: id", (each.id for each in self.categories))
        images, categories = ({e.id for e in group} for group in (self.images, self.categories))
        for number, each in enumerate(self.annotations):
            if each.image_id not in images:
                raise ValueError(f"annotations.{number}: no picture has the id {each.image_id}")
            if each.category_id not in categories:
                raise ValueError(f"annotations.{number}: no category is number {each.category_id}")
        return self


def read_instances(path: Path) -> Instances:
    """Read a file. Raises SourceError that names the file and the place in it."""
    try:
        return Instances.model_validate_json(path.read_bytes())
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise SourceError(
            f"{path}: {_said(error)}",
            hint="It should be as COCO's own: images, annotations with bbox "
            "[left, top, width, height], and categories.",
        ) from error


def _said(error: ValidationError) -> str:
    """The first complaint, with its place."""
    first = error.errors(include_url=False)[0]
    place = ".".join(map(str, first["loc"]))
    said = first["msg"].removeprefix("Value error, ")
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{place}: {said}{more}" if place else f"{said}{more}"


def _once(what: str, values: Iterable[object]) -> None:
    """Raise ValueError where one stands there twice."""
    seen: set[object] = set()
    for value in values:
        if value in seen:
            raise ValueError(f"{what} {value!r} stands there twice")
        seen.add(value)
