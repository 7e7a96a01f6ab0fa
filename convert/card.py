"""The model card of a published variant, in Hugging Face's form (Mitchell et al. 2019)."""

import re

from convert.considerations import limits, uses
from convert.manifest import Manifest
from convert.vocabulary import Task

_HUB_TASKS: dict[Task, str] = {
    "segmentation": "image-segmentation",
    "classification": "image-classification",
    "detection": "object-detection",
    "landmarks": "keypoint-detection",
    "pose": "keypoint-detection",
    "image": "image-to-image",
    "other": "other",
}
_HUB_LICENSES = frozenset(
    {"apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "isc", "unlicense", "zlib", "cc0-1.0"}
    | {"cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "gpl-3.0", "agpl-3.0"}
    | {"lgpl-3.0", "mpl-2.0", "openrail", "unknown"}
)
"""Those of https://huggingface.co/docs/hub/repositories-licenses that vision models have."""


def card(manifest: Manifest) -> str:
    """README.md of a published folder."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    # Markdown, not HTML: nothing is escaped.
    templates = Environment(
        loader=PackageLoader("convert"),
        undefined=StrictUndefined,
        trim_blocks=False,
        keep_trailing_newline=True,
    )
    template = templates.get_template("card.md.j2")
    return template.render(
        m=manifest,
        r=manifest.recipe,
        verified_by=manifest.golden.runtime,
        hub_task=_HUB_TASKS[manifest.recipe.task],
        hub_license=hub_license(manifest.license.id),
        license_link=_link(manifest.license.evidence),
        uses=uses(manifest),
        limits=limits(manifest),
    )


def hub_license(identifier: str) -> str:
    """The Hub's word for a license: its SPDX id in lower case, or else "other"."""
    word = identifier.lower()
    return word if word in _HUB_LICENSES else "other"


def _link(evidence: str) -> str | None:
    """The address in a license's evidence, if there is one."""
    found = re.search(r"https?://[^\s)\"]+", evidence)
    return found[0] if found else None
