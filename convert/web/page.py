"""One page of the browser, in a context of its own, and the words it says to Python."""

from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Self

from convert.errors import RuntimeFailure
from convert.web import packages
from convert.web.browser import Browser, shared
from convert.web.server import Server, Site

PAGES = Path(__file__).parent / "pages"
_LIMIT = 600.0
"""Seconds after which a page's answer has failed."""
_WORDS_KEPT = 20

_server: list[Server] = []
_lock = Lock()


def server() -> Server:
    """The server of this process."""
    with _lock:
        if not _server:
            _server.append(Server())
        return _server[0]


class Page:
    """A page of ours in a fresh context: nothing is cached from others; `close` it.

    A request for any other host than our own server fails the next call, by name.
    """

    def __init__(self, roots: Mapping[str, Path], *, gpu: bool = False, cores: int | None = None):
        """Open `index.html`. `roots` is what it may load beside the packages and the pages.

        `cores` is what the page is told that the machine has (None: what it has).
        """
        self.browser: Browser = shared(gpu=gpu)
        ours = {"pages": PAGES, "npm": packages.folder()}
        self.site: Site = server().open({**ours, **roots})
        self.outside: list[str] = []
        """URLs that the page asked other hosts for."""
        self.said: list[str] = []
        """The last lines of its console."""
        try:
            self._page = self.browser.call(self._open(cores), seconds=_LIMIT)
        except BaseException:
            server().forget(self.site)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def call(self, function: str, argument: object = None, *, seconds: float = _LIMIT) -> Any:
        """What a function of the page's `session` gives.

        Raises RuntimeFailure with the page's own words, or where it asked another host.
        """
        script = f"argument => window.session.{function}(argument)"
        found = self.browser.call(self._page.evaluate(script, argument), seconds=seconds)
        self.require_inside()
        return found

    def evaluate(self, script: str) -> Any:
        """What a script gives in the page. Raises RuntimeFailure as `call` does."""
        return self.ask(script)

    def ask(self, function: str, argument: object = None) -> Any:
        """What a function, as JavaScript text, gives in the page for an argument; as `call`."""
        found = self.browser.call(self._page.evaluate(function, argument), seconds=_LIMIT)
        self.require_inside()
        return found

    def require_inside(self) -> None:
        """Raise RuntimeFailure where the page has asked another host than ours for anything."""
        if self.outside:
            raise RuntimeFailure(
                f"the page asked another host: {', '.join(self.outside[:3])}",
                hint="Everything that a runtime loads has to lie in its packages.",
            )

    def close(self) -> None:
        """Close it with its context."""
        server().forget(self.site)
        with suppress(RuntimeFailure):  # it has crashed, and is gone
            self.browser.call(self._page.context.close(), seconds=_LIMIT)

    @cached_property
    def _origin(self) -> str:
        return server().origin

    async def _open(self, cores: int | None) -> Any:
        context = await self.browser.chromium.new_context(service_workers="block")
        try:
            return await self._filled(context, cores)
        except BaseException:
            await context.close()
            raise

    async def _filled(self, context: Any, cores: int | None) -> Any:
        context.set_default_timeout(1000 * _LIMIT)
        context.on("request", self._note_request)
        page = await context.new_page()
        page.on("console", self._note_words)
        page.on("pageerror", self._note_error)
        if cores:
            devtools = await context.new_cdp_session(page)
            override = {"hardwareConcurrency": cores}
            await devtools.send("Emulation.setHardwareConcurrencyOverride", override)
        await page.goto(f"{self.site.address}pages/index.html")
        await page.wait_for_function("window.session !== undefined")
        return page

    def _note_request(self, request: Any) -> None:
        url: str = request.url
        if not url.startswith((f"{self._origin}/", "blob:", "data:")):
            self.outside.append(url)

    def _note_words(self, message: Any) -> None:
        self.said = [*self.said, str(message.text)][-_WORDS_KEPT:]

    def _note_error(self, error: Any) -> None:
        self.said = [*self.said, str(error)][-_WORDS_KEPT:]
