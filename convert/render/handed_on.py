"""What check, publish and keys did."""

from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape

from convert.pipeline.bundles.check import BundleFound
from convert.pipeline.bundles.publish import HandedOn
from convert.render.console import out, print_json


def show_checked(found: Sequence[BundleFound], as_json: bool) -> None:
    """A line a bundle, and one for each thing that is wrong with it."""
    if as_json:
        print_json(list(found))
        return
    for one in found:
        word = "[green]sound[/green]" if one.passed else "[red]not sound[/red]"
        names = " and ".join(filter(None, (one.signed_by, one.identity)))
        signed = f"signed by {escape(names)}" if names else "not signed"
        out().print(
            f"{escape(one.where)}: {word}, {one.files} files, {one.bytes:,} bytes, {signed}",
            soft_wrap=True,
        )
        for line in (*one.problems, *_golden(one)):
            out().print(f"  {line}", soft_wrap=True, markup=False)


def _golden(one: BundleFound) -> list[str]:
    if not one.golden and not one.problems:
        return ["golden tensors: no runtime here takes the file"]
    return [
        f"golden tensors on {item.runtime}: "
        + (item.error or f"within {item.difference:.2g} of their range")
        for item in one.golden
    ]


def show_handed_on(done: HandedOn, as_json: bool) -> None:
    """Where it is now."""
    if as_json:
        print_json(done)
        return
    verb = "is there already, byte for byte:" if done.was_there else "published to"
    signed = f"\n  signed by {done.signed_by}" if done.signed_by else ""
    out().print(
        f"{done.name} {done.version} {verb} {done.to}\n  {', '.join(done.variants)}{signed}",
        soft_wrap=True,
        markup=False,
    )


def show_key(private: Path, public: Path, fingerprint: str, as_json: bool) -> None:
    """Where the two halves are."""
    if as_json:
        print_json({"key": str(private), "public": str(public), "fingerprint": fingerprint})
        return
    out().print(
        f"{private}: keep it to yourself\n{public}: give it to others\n  {fingerprint}",
        soft_wrap=True,
        markup=False,
    )
