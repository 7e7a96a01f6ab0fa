"""From a vision model's source file to tflite, tfjs and onnx files that are proven right.

    import convert

    labels = convert.open("models/out/deeplab-shapes/tflite-uint8").predict("street.jpg")

What the command line does, Python can: see `convert.api`, whose names stand here. None of it is
imported before it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convert.api import Bundle as Bundle
    from convert.api import bench as bench
    from convert.api import diff as diff
    from convert.api import inspect as inspect
    from convert.api import load_recipe as load_recipe
    from convert.api import open as open
    from convert.api import run as run
    from convert.api import verify as verify

__version__ = "0.1.0"

_API = ("Bundle", "bench", "diff", "inspect", "load_recipe", "open", "run", "verify")


def __getattr__(name: str) -> object:
    """A name of the API, imported when it is first asked for (PEP 562)."""
    if name not in _API:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module("convert.api"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """What there is, also what was not yet imported."""
    return sorted({*globals(), *_API})
