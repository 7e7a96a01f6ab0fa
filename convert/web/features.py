"""What the browser here can do that runtimes ask for."""

from functools import cache

from convert.vocabulary import Record
from convert.web.page import Page

_SOFTWARE = ("swiftshader", "llvmpipe", "softpipe")


class Features(Record):
    """Found by asking it, with the flags that pages get which compute on the GPU."""

    simd: bool
    relaxed_simd: bool
    threads: bool
    webgl: str | None
    """Who draws; None where nobody does."""
    webgpu: str | None
    """Who computes; None where nobody does."""

    @property
    def software_gpu(self) -> bool:
        """Whether the GPU is drawn by the CPU: right answers, and times that say nothing."""
        told = f"{self.webgl} {self.webgpu}".lower()
        return any(name in told for name in _SOFTWARE)


@cache
def features() -> Features:
    """Ask it. Raises ToolError where it does not start, RuntimeFailure where a page fails."""
    with Page({}, gpu=True) as page:
        return Features.model_validate(page.call("features"))
