"""The runtimes that exported files are run on: the native ones, and those of web pages."""

from convert.errors import ToolError, UnsupportedError, UsageError
from convert.runtimes import litert, onnxruntime, tfjs_tensorflow
from convert.runtimes.base import Runtime
from convert.runtimes.browsers import BROWSER_RUNTIMES, BrowserRuntime
from convert.vocabulary import Target
from convert.web.features import features

__all__ = [
    "BROWSER_GROUPS",
    "BROWSER_RUNTIMES",
    "RUNTIMES",
    "BrowserRuntime",
    "browser_runtimes",
    "for_target",
    "named",
    "require_here",
]

RUNTIMES: dict[str, Runtime] = {
    litert.NAME: litert,
    onnxruntime.NAME: onnxruntime,
    tfjs_tensorflow.NAME: tfjs_tensorflow,
}
BROWSER_GROUPS: dict[str, tuple[str, ...]] = {
    "web": tuple(BROWSER_RUNTIMES),
    "web-wasm": tuple(
        name for name, one in BROWSER_RUNTIMES.items() if not one.gpu and not one.slow
    ),
}
"""Words for several of the browser's runtimes: all, and those that compute in WebAssembly."""


def for_target(target: Target) -> Runtime:
    """The runtime that a target's files are verified on: the first of the table that takes them.

    Raises UnsupportedError where none does: a file that nothing can run is not made.
    """
    found = next((runtime for runtime in RUNTIMES.values() if target == runtime.TARGET), None)
    if found is None:
        raise UnsupportedError(
            f"no runtime takes {target} files",
            hint="Add one to the table in convert/runtimes/__init__.py.",
        )
    return found


def named(name: str) -> Runtime:
    """The runtime of that name, native or the browser's. Raises UsageError where there is none."""
    found = RUNTIMES.get(name) or BROWSER_RUNTIMES.get(name)
    if found is None:
        raise UsageError(
            f"there is no runtime {name!r}",
            hint=f"There are {', '.join((*RUNTIMES, *BROWSER_RUNTIMES))}.",
        )
    return found


def require_here(runtime: Runtime) -> None:
    """Raise ToolError where a runtime cannot run on this machine, or not in this browser."""
    reason = runtime.missing()
    if reason is None and isinstance(runtime, BrowserRuntime):
        lacks = runtime.lacks(features())
        reason = f"this browser has no {lacks}; leave this runtime out" if lacks else None
    if reason:
        raise ToolError(f"{runtime.NAME}: {reason}", hint="`convert doctor` says more.")


def browser_runtimes(words: tuple[str, ...]) -> tuple[BrowserRuntime, ...]:
    """The browser's runtimes of these names and words for several.

    Raises UsageError where a word is neither.
    """
    names = [name for word in words for name in BROWSER_GROUPS.get(word, (word,))]
    unknown = [name for name in names if name not in BROWSER_RUNTIMES]
    if unknown:
        raise UsageError(
            f"{unknown[0]!r} is no runtime of the browser",
            hint=f"There are {', '.join((*BROWSER_GROUPS, *BROWSER_RUNTIMES))}.",
        )
    return tuple(BROWSER_RUNTIMES[name] for name in dict.fromkeys(names))
