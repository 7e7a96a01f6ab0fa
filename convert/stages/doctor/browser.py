"""The browser, and the runtimes that pages load."""

import sys
from collections.abc import Iterator, Mapping

from convert.errors import ConvertError, UsageError
from convert.runtimes import BROWSER_RUNTIMES
from convert.stages.doctor.finding import Finding, judged
from convert.web import browser, chromium, packages
from convert.web.features import Features, features

_WEB = f"{sys.executable} -m pip install 'convert-vision[web]'"


def in_browser(environment: Mapping[str, str]) -> Iterator[Finding]:
    """The browser, what its runtimes load, what it can do, and each runtime."""
    try:
        program = chromium.find(environment)
    except UsageError as error:
        yield judged("browser", "Chromium", False, error.message, error.hint or "")
        return
    found = f"{chromium.version(program)} ({program})" if program else "none on PATH"
    yield judged("browser", "Chromium", bool(program), found, chromium.HINT, "notable")
    reason = packages.missing()
    held = "" if reason else f"{packages.folder()}"
    setup = f"`{packages.COMMAND}`, which needs npm"
    yield judged("browser", "JavaScript", not reason, reason or held, setup, "notable")
    if program is None:
        return
    undriven = browser.missing()
    if undriven:
        yield judged("browser", "Playwright", False, undriven, _WEB, "notable")
        return
    yield from _page_runtimes(reason)


def _page_runtimes(reason: str | None) -> Iterator[Finding]:
    try:
        can = features()
    except ConvertError as error:
        move = f"Start it by hand, or name another in {chromium.SETTING}."
        yield judged("browser", "features", False, error.message, move, "notable")
        return
    yield judged("browser", "features", True, _in_words(can), "")
    for runtime in BROWSER_RUNTIMES.values():
        lacks = runtime.lacks(can)
        gives = "accuracy only" if runtime.gpu and can.software_gpu else "accuracy and times"
        runs = f"{runtime.version()} runs {runtime.TARGET} files ({gives})"
        why = lacks and f"this browser has no {lacks}"
        yield judged(
            "browser",
            runtime.NAME,
            not (reason or lacks),
            reason or why or runs,
            f"`{packages.COMMAND}`" if reason else "Use another runtime, or a newer Chromium.",
            "notable",
        )


def _in_words(can: Features) -> str:
    kinds = {
        "SIMD": can.simd,
        "relaxed SIMD": can.relaxed_simd,
        "threads": can.threads,
        "WebGL": can.webgl,
        "WebGPU": can.webgpu,
    }
    told = [
        f"{name} ({found})" if isinstance(found, str) else name if found else f"no {name}"
        for name, found in kinds.items()
    ]
    return ", ".join(told)
