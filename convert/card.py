"""The model card of a published variant, in Hugging Face's form (Mitchell et al. 2019)."""

from convert.manifest import Manifest


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
    return template.render(m=manifest, r=manifest.recipe, verified_by=manifest.golden.runtime)
