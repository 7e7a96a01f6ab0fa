"""Walk a GraphDef's protobuf wire format, to find damage before TensorFlow is imported.

Follows the protocol buffers encoding: a field is a varint key (number << 3 | wire type) and a
value; wire type 0 is a varint, 2 a length and so many bytes.
"""

import mmap
from pathlib import Path

from convert.errors import SourceError

_VARINT, _LENGTH = 0, 2
_NODE = 1
_FIELDS = {_NODE: _LENGTH, 4: _LENGTH, 3: _VARINT, 2: _LENGTH, 5: _LENGTH}
"""GraphDef: node, versions, version, library, debug_info."""
_NAME_KEY = 0x0A
"""The first field of every NodeDef that TensorFlow writes: its name."""

_LARGEST = 2**31 - 1
"""Bytes: protobuf refuses larger messages."""

Bytes = bytes | mmap.mmap


def is_graph(path: Path) -> bool:
    """Whether a file that is not empty is one whole GraphDef, as far as its frame tells."""
    try:
        check_graph(path)
    except SourceError:
        return False
    return True


def check_graph(path: Path) -> None:
    """Raise SourceError unless a file is one whole GraphDef, as far as its frame tells."""
    size = path.stat().st_size
    if size > _LARGEST:
        raise SourceError(
            f"{path} has {size:,} bytes: more than a frozen graph can have ({_LARGEST:,})",
            hint="Is it the right file?",
        )
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        end, place, nodes = len(data), 0, 0
        while place < end:
            start = place
            number, place = _field(data, place, path, nodes)
            if place > end:
                raise _cut_short(path, start, end, nodes)
            nodes += number == _NODE
    if not nodes:
        raise _no_graph(path)


def _field(data: Bytes, place: int, path: Path, nodes: int) -> tuple[int, int]:
    """The number of the field at `place`, and where the next one begins."""
    try:
        key, place = _varint(data, place)
        number, kind = key >> 3, key & 7
        if _FIELDS.get(number) != kind:
            raise _no_graph(path) if not nodes else _damaged(path, place, nodes)
        value, place = _varint(data, place)
        if number == _NODE and data[place] != _NAME_KEY:
            raise _no_graph(path) if not nodes else _damaged(path, place, nodes)
    except IndexError:
        raise _cut_short(path, place, len(data), nodes) from None
    return number, place + (value if kind == _LENGTH else 0)


def _varint(data: Bytes, place: int) -> tuple[int, int]:
    """A varint and where the next value begins. Raises IndexError where the data ends in it."""
    value = 0
    for shift in range(0, 70, 7):
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
    return value, place


def _no_graph(path: Path) -> SourceError:
    return SourceError(
        f"{path} is not a frozen TensorFlow graph, nor any other model format that is known",
        hint="Is it the right file? A frozen graph is a serialized GraphDef (.pb).",
    )


def _damaged(path: Path, place: int, nodes: int) -> SourceError:
    return SourceError(
        f"{path} is damaged: after {nodes} nodes, at byte {place:,}, no GraphDef goes on",
        hint="Fetch it again, and compare its digest.",
    )


def _cut_short(path: Path, start: int, end: int, nodes: int) -> SourceError:
    if not nodes:
        return _no_graph(path)
    return SourceError(
        f"{path} is cut short: it ends at byte {end:,}, in the middle of what begins at "
        f"byte {start:,} (after {nodes} whole nodes)",
        hint="Fetch it again, and compare its digest.",
    )
