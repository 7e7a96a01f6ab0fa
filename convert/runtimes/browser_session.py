"""A file in a page: tensors are made here, and only the runtime is the browser's."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from convert.errors import RuntimeFailure
from convert.runtimes.base import Array, SessionFacts
from convert.runtimes.tensors import decode, encode
from convert.signature import Signature
from convert.vocabulary import Record
from convert.web.page import Page

_MODEL = "model"
_GRAPH = "model.json"
"""The file of a tfjs folder that names the others."""
_CORES_PER_THREAD = {"tfjs": 2}
"""How many cores a page is told of for each thread: tfjs takes at most half of them."""


class Job(Record):
    """What a page is told to open."""

    runtime: str
    options: dict[str, str | bool]
    signature: Signature
    threads: int


class Opened(Record):
    """What the page says of the file that it has opened."""

    ms: float
    """From the call until the file could be run: scripts, WebAssembly and the model loaded."""
    threads: int
    notes: dict[str, str]


class PageFacts(Record):
    """What the page is and what the runtime holds."""

    isolated: bool
    """Whether it is cross-origin isolated: without, no threads and a coarse clock."""
    clock_us: float
    workers: int
    heap_mb: float
    """WebAssembly memory, in MB (10^6 bytes); 0 where the runtime has none."""
    cores: int


class BrowserSession:
    """A loaded file in a page of its own; it satisfies `Session`; `close` it."""

    def __init__(self, job: Job, path: Path, *, gpu: bool) -> None:
        """Open the page and the file in it. Raises RuntimeFailure with the page's own words."""
        self._path, self._signature = path, job.signature
        told = job.threads * _CORES_PER_THREAD.get(job.runtime, 1) if job.threads > 1 else None
        self.page = Page({_MODEL: path}, gpu=gpu, cores=told)
        name = _GRAPH if path.is_dir() else path.name
        argument = {**job.model_dump(), "model": f"../{_MODEL}/{name}"}
        try:
            found = self.page.call("open", argument)
        except BaseException:
            self.close()
            raise
        self.opened = Opened.model_validate(found)
        self.facts = SessionFacts(threads=self.opened.threads)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close its page."""
        self.page.close()

    def load(self, inputs: Mapping[str, Array]) -> None:
        """Put the inputs in place, as the file wants them, in the page."""
        self._ask("load", self._sent(inputs))

    def invoke(self) -> None:
        """Run once on what is loaded; the way to the page and back costs a millisecond or two."""
        self._ask("timed", None)

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Run once, float32 NHWC to float32 NHWC."""
        told = self._ask("run", self._sent(inputs))
        return decode(arrays_of(self.page.site.outbox, told), self._signature)

    def warm_up(self, *, least: int, most: int, seconds: float) -> list[float]:
        """Run until the times are stable; the ms of each run, by the page's clock."""
        limits = {"least": least, "most": most, "seconds": seconds}
        return [float(ms) for ms in self._ask("warmUp", limits)]

    def time(self, runs: int, *, seconds: float) -> list[float]:
        """Run so often, or less often where the seconds are over; the ms of each run."""
        return [float(ms) for ms in self._ask("time", {"runs": runs, "seconds": seconds})]

    def page_facts(self) -> PageFacts:
        """What the page is and what the runtime holds now."""
        return PageFacts.model_validate(self._ask("facts", None))

    def loaded_wasm(self) -> tuple[str, ...]:
        """The names of the WebAssembly files that the page has loaded."""
        paths = (transfer.path for transfer in self.page.site.transfers)
        return tuple(dict.fromkeys(Path(path).name for path in paths if path.endswith(".wasm")))

    def _sent(self, inputs: Mapping[str, Array]) -> list[dict[str, Any]]:
        """Put the inputs' bytes where the page reads them; what they are."""
        arrays = encode(inputs, self._signature)
        self.page.site.inbox = b"".join(array.tobytes() for array in arrays.values())
        return [
            {"name": name, "dtype": array.dtype.name, "shape": array.shape}
            for name, array in arrays.items()
        ]

    def _ask(self, function: str, argument: object) -> Any:
        try:
            return self.page.call(function, argument)
        except RuntimeFailure as failure:
            raise RuntimeFailure(
                f"{self._path} broke in the browser: {failure.message}", hint=failure.hint
            ) from failure


def arrays_of(body: bytes, told: Sequence[Mapping[str, Any]]) -> dict[str, Array]:
    """The arrays whose bytes lie one after the other. Raises RuntimeFailure where some lack."""
    found: dict[str, Array] = {}
    at = 0
    for tensor in told:
        dtype, shape = np.dtype(tensor["dtype"]), tuple(int(length) for length in tensor["shape"])
        end = at + dtype.itemsize * int(np.prod(shape))
        if end > len(body):
            raise RuntimeFailure(
                f"the page sent {len(body)} bytes, and {tensor['name']} ends later"
            )
        found[tensor["name"]] = np.frombuffer(body, dtype, int(np.prod(shape)), at).reshape(shape)
        at = end
    return found
