"""Whether a model's license lets it be used without being asked."""

import shlex
from collections.abc import Collection

from convert.errors import UsageError
from convert.recipe import License

EVERY_LICENSE = "all"
"""What a user accepts who accepts every restricted license."""


def require_accepted(license: License, accepted: Collection[str], recipe: str) -> None:
    """Raise UsageError if a recipe's license is restricted and its id is not among `accepted`."""
    if not license.restricted or {license.id, EVERY_LICENSE} & {name.strip() for name in accepted}:
        return
    dated = f" (seen on {license.dated})" if license.dated else ""
    lines = [f"{recipe} stands under a restricted license: {license.id}"]
    lines.append(f"  evidence{dated}: {license.evidence}")
    if license.instead:
        lines.append(f"  instead: {license.instead}")
    raise UsageError("\n".join(lines), hint=_two_ways(license.id, recipe))


def _two_ways(identifier: str, recipe: str) -> str:
    quoted = shlex.quote(identifier)
    return (
        f"Where the license suits you, accept it: `convert pull {recipe} --accept-license {quoted}`"
        f", or set CONVERT_ACCEPT_LICENSES={quoted} (comma-separated ids, or {EVERY_LICENSE})."
    )
