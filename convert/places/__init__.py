"""Places that published models are taken to and brought from, by the scheme of their URL."""

from collections.abc import Mapping

from convert.errors import UsageError
from convert.places.base import Opener, Place
from convert.places.hub import open_hub
from convert.places.storage import open_storage

PLACES: Mapping[str, Opener] = {
    "file": open_storage,
    "s3": open_storage,
    "http": open_storage,
    "https": open_storage,
    "hf": open_hub,
}


def open_place(url: str) -> Place:
    """The place that a URL names. Raises UsageError for a scheme that is not known."""
    scheme, separator, _ = url.partition("://")
    if not separator or scheme not in PLACES:
        raise UsageError(
            f"{url}: no such place",
            hint="Give a file://, s3:// or hf:// URL; bundles are also read from https://.",
        )
    return PLACES[scheme](url.rstrip("/"))
