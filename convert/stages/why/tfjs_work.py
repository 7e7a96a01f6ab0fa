"""What a tfjs file stores and what a page makes of it: weights in float32, whatever their bits."""

import json
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

from convert.stages.why.operation import Operation

_FILE = "model.json"
_FLOAT = 4
"""Bytes of a value in a page's memory."""


def operations(path: Path) -> tuple[Operation, ...]:
    """Each weight, as it is turned to float32 when a page loads it; its operators are not timed.

    `path` is the folder that holds model.json.
    """
    found = json.loads((path / _FILE).read_bytes())
    return tuple(_weights(found.get("weightsManifest", [])))


def _weights(groups: list[Any]) -> Iterator[Operation]:
    for group in groups:
        for weight in group["weights"]:
            stored = weight.get("quantization", {}).get("dtype", weight["dtype"])
            yield Operation(
                kind=f"weights in {stored}",
                macs=0,
                weight_bytes=_FLOAT * prod(weight["shape"]),
                activation_bytes=0,
                eight_bits=False,
                converts=stored != "float32",
            )
