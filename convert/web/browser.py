"""A headless Chromium of this process: started when a page is first wanted, ended with us."""

import asyncio
import atexit
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as TooLate
from typing import Any, TypeVar

from convert.errors import RuntimeFailure, ToolError
from convert.web import chromium

T = TypeVar("T")

PLAYWRIGHT = "playwright is missing: pip install 'convert-vision[web]'"
_START = 120.0
"""Seconds in which a browser must have started."""


def missing() -> str | None:
    """Why no browser can be driven and what to do, or None where one can (it is not started)."""
    from importlib.util import find_spec

    if find_spec("playwright") is None:
        return PLAYWRIGHT
    return None if chromium.find() else f"no Chromium is on PATH. {chromium.HINT}"


class Browser:
    """One Chromium, which any thread may use. Playwright runs in a thread of its own."""

    def __init__(self, *, gpu: bool) -> None:
        """Start it. Raises ToolError where there is none, or it does not start."""
        reason = missing()
        program = chromium.find()
        if reason or program is None:
            raise ToolError(f"the browser runtimes: {reason}", hint="`convert doctor` says more.")
        self.gpu = gpu
        self._loop = asyncio.new_event_loop()
        # What goes wrong reaches the caller of `call`; the rest is the noise of a driver that died.
        self._loop.set_exception_handler(lambda loop, context: None)
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        try:
            self._playwright, self.chromium = self.call(self._start(str(program)), seconds=_START)
        except BaseException as error:
            self._end()
            if isinstance(error, RuntimeFailure):
                raise ToolError(f"{program} does not start: {error.message}") from error
            raise
        self.version: str = self.chromium.version

    def call(self, work: Coroutine[Any, Any, T], *, seconds: float) -> T:
        """Do Playwright's work in its thread. Raises RuntimeFailure with the page's own words."""
        from playwright.async_api import Error

        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(seconds)
        except TooLate:
            future.cancel()
            raise RuntimeFailure(f"the page gave no answer in {seconds:g} s") from None
        except CancelledError:
            raise RuntimeFailure("the browser has ended") from None
        except Error as error:
            raise RuntimeFailure(_words(error.message)) from error
        except Exception as error:  # of Playwright's own driver, which Ctrl-C ends as it does us
            raise RuntimeFailure(f"the browser has ended: {error}") from error
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """End it; nothing where it has ended."""
        if self._loop.is_closed():
            return
        try:
            self.call(self._stop(), seconds=_START)
        except RuntimeFailure:
            pass  # it has crashed, and is gone
        finally:
            self._end()

    async def _start(self, program: str) -> tuple[Any, Any]:
        from playwright.async_api import async_playwright

        playwright = await async_playwright().start()
        try:
            browser = await playwright.chromium.launch(
                executable_path=program,
                args=chromium.flags(gpu=self.gpu),
                # Ctrl-C is ours: what is under way is ended in order.
                handle_sigint=False,
                handle_sigterm=False,
            )
        except BaseException:
            await playwright.stop()
            raise
        return playwright, browser

    async def _stop(self) -> None:
        await self.chromium.close()
        await self._playwright.stop()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


_running: dict[bool, Browser] = {}
_lock = threading.Lock()


def shared(*, gpu: bool) -> Browser:
    """The browser of this process, for pages that compute on the GPU or for those that do not."""
    with _lock:
        running = _running.get(gpu)
        if running is None or not running.chromium.is_connected():  # it may have crashed
            running = _running[gpu] = Browser(gpu=gpu)
            atexit.register(running.close)
        return running


def end_all() -> None:
    """End the browsers of this process: what waits for one of their pages fails at once."""
    with _lock:
        while _running:
            _running.popitem()[1].close()


def _words(message: str) -> str:
    """What a page's error says, without Playwright's prefix and the stack."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith("at ")]
    return " ".join(said[:3]).removeprefix("Page.evaluate: ")[:600]
