"""Downloads over http(s): bounded, tried again with growing pauses, and gone on with where broken.

Range requests: RFC 9110, section 14; If-Range: section 13.1.5.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from convert.answers import LONGEST_PAUSE, asked_pause, part_begin, validator, whole_size
from convert.errors import SourceError
from convert.mirror import printable
from convert.progress import Progress
from convert.store import require_space

if TYPE_CHECKING:
    import httpx

LARGEST = 8 * 2**30
"""Bytes beyond which a download of unstated size is given up."""

_ANSWERS = frozenset(
    {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}
)
_WORTH_ANOTHER_TRY = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a URL is tried; times are in seconds."""

    attempts: int = 4
    """Tries in a row that bring no new byte before the URL is given up."""
    knocks: int = 2
    """The same for a host that has not answered at all: most likely there is no network."""
    pause: float = 0.5
    """Before the second try, give or take a half; each further one is twice as long."""
    connect: float = 10.0
    silence: float = 30.0
    """The longest wait for the next bytes of an answer."""

    def pause_after(self, failures: int) -> float:
        """How long to wait after so many failures in a row, with jitter."""
        exact = self.pause * 2.0 ** (failures - 1)
        return min(exact * random.uniform(0.5, 1.5), LONGEST_PAUSE)


PATIENCE = Patience()


class _PassingError(SourceError):
    """A failure that another try may mend; `pause` is the wait that the server asked for."""

    def __init__(self, message: str, *, pause: float = 0.0) -> None:
        super().__init__(message)
        self.pause = pause


def fetch(
    url: str, part: Path, *, size: int | None, progress: Progress, patience: Patience = PATIENCE
) -> None:
    """Download a URL into `part`, going on where `part` ends. `size` is the whole's, if known.

    What is there may be of another URL of the same file: only the digest, which is the caller's
    to check, says that all is well. Raises SourceError; `part` then holds what can be resumed.
    """
    with _client(url, patience) as client:
        download = _Download(client=client, url=url, part=part, size=size, progress=progress)
        download.run(patience)


def _client(url: str, patience: Patience) -> httpx.Client:
    import httpx

    timeout = httpx.Timeout(patience.silence, connect=patience.connect)
    try:
        return httpx.Client(follow_redirects=True, timeout=timeout)
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        # A proxy that is set in the environment and cannot be used.
        raise SourceError(f"{printable(url)}: {error} (see the ..._PROXY variables)") from error


@dataclass(kw_only=True)
class _Download:
    """One URL on its way into one file."""

    client: httpx.Client
    url: str
    part: Path
    size: int | None
    progress: Progress
    version: str | None = None
    """What the server last called its version of the file: a strong ETag or a date."""
    reached: bool = False
    """Whether the server has ever answered."""

    @property
    def have(self) -> int:
        """Bytes that are here."""
        return self.part.stat().st_size if self.part.exists() else 0

    def run(self, patience: Patience) -> None:
        """Try until all is here, or until too many tries in a row brought nothing new."""
        if self.size is not None and self.have > self.size:
            self.part.unlink()
        failures, furthest = 0, self.have
        while self.have != self.size:
            try:
                self.attempt()
                return
            except _PassingError as error:
                failures = 1 if self.have > furthest else failures + 1
                furthest = max(furthest, self.have)
                if failures >= (patience.attempts if self.reached else patience.knocks):
                    raise SourceError(f"{error.message} ({failures} tries in vain)") from error
                pause = max(error.pause, patience.pause_after(failures))
                self.progress.say(f"{error.message}; trying again in {pause:.1f} s")
                time.sleep(pause)

    def attempt(self) -> None:
        """Ask once for what is missing and take what comes."""
        import httpx

        try:
            with self.client.stream("GET", self.url, headers=self._headers()) as response:
                self.reached = True
                self._judge(response)
                if response.status_code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                    self._receive(response)
        except (httpx.UnsupportedProtocol, httpx.TooManyRedirects, httpx.InvalidURL) as error:
            raise self._failure(str(error)) from error
        except httpx.TransportError as error:
            raise self._passing(str(error) or type(error).__name__) from error

    def _headers(self) -> dict[str, str]:
        # Ranges and digests are of the file itself, not of a compressed copy of it.
        headers = {"Accept-Encoding": "identity"}
        if self.have:
            headers["Range"] = f"bytes={self.have}-"
            if self.version:
                headers["If-Range"] = self.version
        return headers

    def _judge(self, response: httpx.Response) -> None:
        """Raise unless the answer is the file, the missing part of it, or that nothing misses."""
        status = f"HTTP {response.status_code} {response.reason_phrase}".rstrip()
        if response.status_code in _WORTH_ANOTHER_TRY:
            raise self._passing(status, pause=asked_pause(response))
        if response.status_code not in _ANSWERS:
            raise self._failure(status)
        if response.status_code != HTTPStatus.OK and not self._goes_on(response):
            self.part.unlink(missing_ok=True)
            raise self._passing("the server's file is not the one begun with, so it starts anew")

    def _goes_on(self, response: httpx.Response) -> bool:
        """Whether a 206 carries on where `part` ends, or a 416 says that `part` is the whole."""
        if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return whole_size(response) == self.have > 0
        changed = self.version and validator(response) not in (None, self.version)
        return part_begin(response) == self.have and not changed

    def _receive(self, response: httpx.Response) -> None:
        """Write the answer's body behind what is here (206) or in its place (200)."""
        begin = self.have if response.status_code == HTTPStatus.PARTIAL_CONTENT else 0
        total = self._announced(response)
        self.version = validator(response)
        require_space(self.part.parent, (total or begin) - begin)
        have, bound = begin, self.size or total or LARGEST
        counter = self.progress.count(self.part.stem, total or self.size, "B")
        with self.part.open("ab" if begin else "wb") as file, counter as tick:
            tick(begin)
            for piece in response.iter_raw():
                have += len(piece)
                if have > bound:
                    break
                file.write(piece)
                tick(len(piece))
        self._check_end(have, bound, total or self.size)

    def _announced(self, response: httpx.Response) -> int | None:
        """The whole file's size as the server gives it. Raises SourceError if it cannot be."""
        total = whole_size(response)
        if total is not None and self.size is not None and total != self.size:
            raise self._failure(f"it is {total:,} bytes there, {self.size:,} are expected")
        if total is not None and total > LARGEST:
            raise self._failure(f"it is {total:,} bytes there, {LARGEST:,} are the bound")
        return total

    def _check_end(self, have: int, bound: int, total: int | None) -> None:
        if have > bound:
            self.part.unlink()
            raise self._failure(f"more than the expected {bound:,} bytes arrived")
        if total is not None and have < total:
            raise self._passing(f"broke off after {have:,} of {total:,} bytes")

    def _failure(self, what: str) -> SourceError:
        return SourceError(f"{printable(self.url)}: {what}")

    def _passing(self, what: str, pause: float = 0.0) -> _PassingError:
        return _PassingError(f"{printable(self.url)}: {what}", pause=pause)
