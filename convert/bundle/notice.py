"""NOTICE: whose the weights are, under which license, and what was changed."""

from convert.manifest import Manifest


def license_line(identifier: str) -> str:
    """The line that names the license."""
    return f"License of the weights: {identifier}"


def notice(manifest: Manifest) -> str:
    """The text of NOTICE (Apache-2.0, section 4, asks for the changes to be stated)."""
    license, lineage, made = manifest.license, manifest.lineage, manifest.artifact
    lines = [
        manifest.recipe.title,
        "",
        license_line(license.id),
        f"Evidence: {license.evidence}" + (f" (seen on {license.dated})" if license.dated else ""),
        *(["This license is restricted: read it before use."] if license.restricted else []),
        *([f"Where it does not suit: {license.instead}"] if license.instead else []),
        "",
        f"The original file: {lineage.source_origin}",
        f"  SHA-256 {lineage.source_sha256}",
        "",
        f"Changed by convert {manifest.convert_version}: the graph was cut to its network, "
        f"simplified, and written as {made.target} with the scheme {made.scheme}. The weights were "
        "not trained further. What the license demands of the original holds for this file too.",
    ]
    return "\n".join(lines) + "\n"
