"""provenance.intoto.json: who made the file of what, as an in-toto statement.

Statement: https://in-toto.io/Statement/v1; predicate: https://slsa.dev/spec/v1.0/provenance. The
times that SLSA allows are left out, so that the same inputs give the same bytes.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from convert.manifest import Manifest
from convert.recipe import Recipe
from convert.vocabulary import Record, Scheme, Target

_BUILD = "urn:convert-vision:run:v1"
_BUILDER = "pkg:pypi/convert-vision"


class Subject(Record):
    """A file that was made."""

    name: str
    digest: dict[str, str]


class Dependency(Record):
    """Something that it was made of or with."""

    uri: str
    digest: dict[str, str] | None = None
    name: str


class External(Record):
    """What the user of `convert run` decided."""

    recipe: Recipe
    target: Target
    scheme: Scheme


class Internal(Record):
    """What followed from it."""

    core_sha256: str
    recipe_sha256: str


class BuildDefinition(Record):
    """All that the output depends on."""

    buildType: str = _BUILD
    externalParameters: External
    internalParameters: Internal
    resolvedDependencies: tuple[Dependency, ...]


class Builder(Record):
    """What ran the build."""

    id: str = _BUILDER
    version: dict[str, str]


class RunDetails(Record):
    """One run of it."""

    builder: Builder


class Predicate(Record):
    """SLSA provenance v1."""

    buildDefinition: BuildDefinition
    runDetails: RunDetails


class Statement(Record):
    """An in-toto statement v1."""

    type: Literal["https://in-toto.io/Statement/v1"] = Field(
        default="https://in-toto.io/Statement/v1", alias="_type"
    )
    subject: tuple[Subject, ...]
    predicateType: Literal["https://slsa.dev/provenance/v1"] = "https://slsa.dev/provenance/v1"
    predicate: Predicate


def statement(manifest: Manifest, files: Mapping[str, str]) -> Statement:
    """Of a manifest and its model's files (relative name -> SHA-256)."""
    lineage, made = manifest.lineage, manifest.artifact
    source = Dependency(
        name="source", uri=_uri(lineage.source_origin), digest={"sha256": lineage.source_sha256}
    )
    tools = [
        Dependency(name=name, uri=f"pkg:pypi/{name}@{version}")
        for name, version in manifest.tools.items()
    ]
    definition = BuildDefinition(
        externalParameters=External(recipe=manifest.recipe, target=made.target, scheme=made.scheme),
        internalParameters=Internal(
            core_sha256=lineage.core_sha256, recipe_sha256=lineage.recipe_sha256
        ),
        resolvedDependencies=(source, *tools),
    )
    builder = Builder(version={"convert-vision": manifest.convert_version})
    return Statement(
        subject=tuple(
            Subject(name=name, digest={"sha256": sha}) for name, sha in sorted(files.items())
        ),
        predicate=Predicate(buildDefinition=definition, runDetails=RunDetails(builder=builder)),
    )


def statement_text(made: Statement) -> str:
    """As JSON, with the names that in-toto gives the keys."""
    return made.model_dump_json(indent=1, by_alias=True, exclude_none=True) + "\n"


def read_statement(content: bytes) -> Statement:
    """Read the file; raises pydantic's ValidationError."""
    return Statement.model_validate_json(content)


def _uri(origin: str) -> str:
    """A file of one's own, or one that ships with convert, has a name only."""
    return origin if "://" in origin else f"file:{origin}"
