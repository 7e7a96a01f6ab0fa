"""What an HTTP answer says about the file it carries: its size, its version, the part of it.

RFC 9110: Content-Range in section 14.4, validators in 8.8, Retry-After in 10.2.3.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

LONGEST_PAUSE = 30.0
"""Seconds; a server that asks for more is asked again sooner."""


def part_begin(response: httpx.Response) -> int | None:
    """Where in the file a partial answer begins; None where it does not say."""
    return _content_range(response)[0]


def whole_size(response: httpx.Response) -> int | None:
    """The bytes of the whole file, of which a 206 or 416 carries a part or nothing."""
    if response.status_code == HTTPStatus.OK:
        return _whole_number(response.headers.get("Content-Length"))
    return _content_range(response)[1]


def validator(response: httpx.Response) -> str | None:
    """What If-Range may name: a strong ETag, or else the date of the last change."""
    etag: str | None = response.headers.get("ETag")
    date: str | None = response.headers.get("Last-Modified")
    return etag if etag and not etag.startswith("W/") else date


def asked_pause(response: httpx.Response) -> float:
    """The seconds that a server asks to be left alone, within reason."""
    return min(float(_whole_number(response.headers.get("Retry-After")) or 0), LONGEST_PAUSE)


def _content_range(response: httpx.Response) -> tuple[int | None, int | None]:
    """Begin of the part and size of the whole."""
    given = response.headers.get("Content-Range", "")
    match = re.fullmatch(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)", given.strip())
    return (_whole_number(match[1]), _whole_number(match[2])) if match else (None, None)


def _whole_number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"[0-9]{1,18}", text) else None
