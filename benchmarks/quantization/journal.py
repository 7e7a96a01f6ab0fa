"""What has been measured so far, on disk after every row."""

from datetime import date
from pathlib import Path

from benchmarks.quantization.peer_files import tools_of
from benchmarks.quantization.peers import PEERS
from benchmarks.quantization.records import Kept, Measured, load, save
from convert.machine import machine
from convert.memo import versions

_TOOLS = ("tensorflow", "tensorflowjs", "tf2onnx", "onnx", "onnxruntime", "ai-edge-litert")
_NAMED = ("ai-edge-quantizer", "nncf")
"""Of what stands in environments of their own."""


class Journal:
    """A Kept that is written whenever something is put into it."""

    def __init__(self, path: Path) -> None:
        """With what an earlier run left there."""
        self._path = path
        self.kept = load(path)

    def get(self, model: str) -> Measured | None:
        """What is known of a model."""
        return self.kept.models.get(model)

    def put(self, model: str, measured: Measured) -> Measured:
        """Keep what is known of a model now, and when, where and with what it was measured."""
        self.kept = Kept(
            date=date.today().isoformat(),
            machine=machine(),
            versions=_versions(),
            models={**self.kept.models, model: measured},
        )
        save(self._path, self.kept)
        return measured


def _versions() -> dict[str, str]:
    pinned = [tools_of(peer) for peer in PEERS if peer.environment]
    named = {name: one[name] for one in pinned for name in _NAMED if name in one}
    return {**versions(_TOOLS), **named}
