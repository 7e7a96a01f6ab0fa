"""bom.cdx.json: what the file is made of and with, as a CycloneDX 1.6 ML-BOM."""

import json
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING

from convert.bundle.model_card import model_card
from convert.errors import SourceError
from convert.manifest import Manifest

if TYPE_CHECKING:
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component
    from cyclonedx.model.license import License


def bom_text(manifest: Manifest, files: Mapping[str, str]) -> str:
    """The BOM of a manifest and its model's files (relative name -> SHA-256), the same every time.

    The time that CycloneDX allows is left out, and the serial number is made of the model's and
    the recipe's digests.
    """
    from cyclonedx.output.json import JsonV1Dot6

    made = json.loads(JsonV1Dot6(_bom(manifest, files)).output_as_string())
    del made["metadata"]["timestamp"]
    card = model_card(manifest).model_dump(exclude_none=True)
    made["metadata"]["component"]["modelCard"] = card
    return json.dumps(made, indent=1, sort_keys=True) + "\n"


def require_schema(content: bytes) -> bool:
    """Hold a BOM against CycloneDX's schema; False where its validator is not installed.

    Raises SourceError that says what is wrong.
    """
    from cyclonedx.exception import MissingOptionalDependencyException
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    try:
        error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(content.decode())
    except MissingOptionalDependencyException:
        return False
    except ValueError as broken:
        raise SourceError(f"bom.cdx.json: {broken}") from broken
    if error is not None:
        says = " ".join(str(error.data).split())
        raise SourceError(f"bom.cdx.json: {says[:300]}")
    return True


def licenses_of(content: bytes) -> list[str]:
    """The ids or names of the licenses that a BOM gives its model."""
    component = json.loads(content)["metadata"]["component"]
    found = [entry["license"] for entry in component.get("licenses", ())]
    return [license.get("id") or license["name"] for license in found]


def _bom(manifest: Manifest, files: Mapping[str, str]) -> "Bom":
    from cyclonedx.model.bom import Bom

    model, source = _model(manifest, files), _source(manifest)
    tools = [_tool(name, version) for name, version in manifest.tools.items()]
    names = f"{manifest.artifact.sha256} {manifest.lineage.recipe_sha256}"
    bom = Bom(components=[source, *tools], serial_number=uuid.uuid5(uuid.NAMESPACE_OID, names))
    bom.metadata.component = model
    bom.register_dependency(model, [source, *tools])
    return bom


def _model(manifest: Manifest, files: Mapping[str, str]) -> "Component":
    from cyclonedx.model.component import Component, ComponentType

    made = manifest.artifact
    inside = [
        Component(type=ComponentType.FILE, name=name, bom_ref=f"file:{name}", hashes=_sha256(sha))
        for name, sha in files.items()
    ]
    return Component(
        type=ComponentType.MACHINE_LEARNING_MODEL,
        name=manifest.recipe.name,
        bom_ref="model",
        version=f"{made.target}-{made.scheme}",
        description=manifest.recipe.title,
        hashes=_sha256(made.sha256),
        licenses=[_license(manifest)],
        components=inside,
    )


def _source(manifest: Manifest) -> "Component":
    from cyclonedx.model.component import Component, ComponentType

    return Component(
        type=ComponentType.MACHINE_LEARNING_MODEL,
        name=manifest.lineage.source_origin,
        bom_ref="source",
        description="The original file.",
        hashes=_sha256(manifest.lineage.source_sha256),
        licenses=[_license(manifest)],
    )


def _tool(name: str, version: str) -> "Component":
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    purl = PackageURL(type="pypi", name=name, version=version)
    return Component(
        type=ComponentType.LIBRARY,
        name=name,
        version=version,
        purl=purl,
        bom_ref=purl.to_string(),
    )


def _license(manifest: Manifest) -> "License":
    """An SPDX id where it is one, a name where it is not."""
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model.license import LicenseExpression

    made = LicenseFactory().make_from_string(manifest.license.id)
    if isinstance(made, LicenseExpression):
        return LicenseFactory().make_with_name(manifest.license.id)
    return made


def _sha256(digest: str) -> list[object]:
    from cyclonedx.model import HashAlgorithm, HashType

    return [HashType(alg=HashAlgorithm.SHA_256, content=digest)]
