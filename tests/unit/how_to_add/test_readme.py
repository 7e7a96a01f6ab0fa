"""What the README says under "How to add" names each place, in a few lines."""

import re

from .checkout import KINDS, ROOT


def test_the_readme_names_these_places_in_at_most_five_lines() -> None:
    for name, kind in KINDS.items():
        steps = how_to_add(name)
        for place in kind.places:
            assert place in steps, f"the README does not name {place} for a new {name}"
    assert "recipes/<name>.toml" in how_to_add("recipe")


def how_to_add(name: str) -> str:
    """The README's steps for one kind, each a line of a numbered list."""
    readme = (ROOT / "README.md").read_text()
    match = re.search(rf"^### A new {name}\n\n((?:.+\n)+)", readme, re.MULTILINE)
    assert match, f"the README does not say how to add a new {name}"
    lines = match[1].splitlines()
    assert 1 <= len(lines) <= 5
    assert all(re.match(r"\d\. ", line) for line in lines)
    return match[1]
