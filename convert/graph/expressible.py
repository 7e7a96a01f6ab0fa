"""Can a target express an op? Asked before the converters are, which take seconds to import."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from convert.graph.op_tables import ONNX, TFLITE
from convert.vocabulary import Target

_GONE = frozenset({"PreventGradient", "Snapshot", "StopGradient", "CheckNumerics", "Dequantize"})
"""Passes on the core fold these away before any exporter sees them."""


def inexpressible(target: Target, ops: Mapping[str, int]) -> dict[str, int]:
    """The counted ops of a core that a target cannot express, with their counts."""
    known = _known(target)
    if not known:
        return {}
    return {op: count for op, count in ops.items() if op not in known | _GONE}


@cache
def _known(target: Target) -> frozenset[str]:
    """The ops that a target's converter has an answer to; none where it cannot be told."""
    if target == "tfjs":
        return _tfjs()
    return {"tflite": TFLITE, "onnx": ONNX}.get(target, frozenset())


def _tfjs() -> frozenset[str]:
    """The op lists that tensorflowjs itself checks graphs against, as its package ships them."""
    spec = find_spec("tensorflowjs")
    places = (spec and spec.submodule_search_locations) or ()
    files = [file for place in places for file in Path(place, "op_list").glob("*.json")]
    lists = [json.loads(file.read_text()) for file in files]
    return frozenset(entry["tfOpName"] for entries in lists for entry in entries)
