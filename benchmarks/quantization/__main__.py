"""Measure our eight-bit files and the peers' on the same pictures and write docs/quantization.md.

Run in convert's environment, in the checkout:
`python -m benchmarks.quantization [--models NAME,...] [--limit N]`.
What is measured is kept row by row, so that a run that was broken off goes on where it was.
"""

import argparse
from pathlib import Path

from benchmarks.quantization.journal import Journal
from benchmarks.quantization.measure import Wishes, measure
from benchmarks.quantization.page import page
from benchmarks.quantization.subject import Choice, open_subject, shelf
from convert.store import write_text

_MODELS = (
    "deeplab-mnv2-dm05",
    "mobilenet-v1-025-128",
    "mobilenet-v1-025-160",
    "meet-segmentation-96x160",
    "meet-segmentation-128x128",
    "meet-segmentation-144x256",
    "selfie-segmentation",
)
_HERE = Path(__file__).parent
_KEPT, _PAGE = _HERE / "measured.json", _HERE.parents[1] / "docs" / "quantization.md"


def main() -> None:
    """Measure what is not kept yet, model by model, and write the page after each."""
    options = _options()
    # A quick run never overwrites the figures that are published.
    quick = shelf() / f"limit-{options.limit}"
    journal = Journal(options.kept or (quick / "measured.json" if options.limit else _KEPT))
    written = options.page or (quick / "quantization.md" if options.limit else _PAGE)
    for name in () if options.page_only else _split(options.models):
        choice = Choice(recipe=name, limit=options.limit, calibrate=options.calibrate)
        wishes = Wishes(
            runs=options.runs,
            ablation=name in _split(options.ablation),
            only=_split(options.only) if options.only else None,
            retry=options.retry,
        )
        measure(open_subject(choice), choice, wishes, journal)
        write_text(written, page(journal.kept))
    write_text(written, page(journal.kept))
    print(written)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", default=",".join(_MODELS), help="recipes, by commas")
    parser.add_argument("--only", help="rows, by commas, such as nncf-mixed,ours-tflite")
    parser.add_argument("--limit", type=int, help="score on so many pictures (default: all)")
    parser.add_argument("--calibrate", type=int, help="pictures (default: what recipes say)")
    parser.add_argument("--ablation", default=_MODELS[0], help="recipes, by commas; '' for none")
    parser.add_argument("--runs", type=int, default=50, help="inferences to time; 0 for none")
    parser.add_argument("--retry", action="store_true", help="do again what failed")
    parser.add_argument("--page-only", action="store_true", help="write the page from what is kept")
    parser.add_argument("--kept", type=Path, help="the JSON (default: beside this script)")
    parser.add_argument("--page", type=Path, help="the page (default: docs/quantization.md)")
    return parser.parse_args()


def _split(names: str) -> tuple[str, ...]:
    return tuple(name for name in names.split(",") if name)


if __name__ == "__main__":
    main()
