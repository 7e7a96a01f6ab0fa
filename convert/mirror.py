"""Where a mirror holds the file of a URL: at `<host>/<path of the URL, percent-decoded>`."""

from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from convert.errors import UsageError

Place = Path | str
"""Where a file can be had: a path on this machine, or an http(s) URL."""


def mirrored(mirror: str, url: str) -> Place:
    """Where a mirror (a folder, or an http(s) URL) holds the file of a URL.

    Raises UsageError if the mirror is neither, or if the URL would lead outside of it.
    """
    relative = mirror_path(url)
    if mirror.lower().startswith(("http://", "https://")):
        return f"{mirror.rstrip('/')}/{quote(relative, safe='/:@!$&()*+,;=~')}"
    folder = Path(mirror).expanduser()
    if not folder.is_dir():
        raise UsageError(
            f"the mirror {mirror!r} is neither a folder nor an http(s) URL",
            hint="--mirror and CONVERT_MIRROR take a folder or URL that holds <host>/<path>.",
        )
    return folder / relative


def mirror_path(url: str) -> str:
    """`<host>/<path>` of a URL, percent-decoded; query, fragment and credentials are left out."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    names = [host, *(name for name in unquote(parts.path).split("/") if name)]
    if any(name in ("", ".", "..") or "\\" in name or "\0" in name for name in names):
        raise UsageError(
            f"the URL {printable(url)} leads outside of a mirror",
            hint="A recipe's URL has a host and a path without `..` or backslashes.",
        )
    return "/".join(names)


def file_name(url: str) -> str:
    """The last name of a URL's path, percent-decoded; the host's where the path is empty."""
    return mirror_path(url).rpartition("/")[2]


def printable(place: Place) -> str:
    """A place as messages and records show it: without a user's name and password."""
    if isinstance(place, Path):
        return str(place)
    parts = urlsplit(place)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
