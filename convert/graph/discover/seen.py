"""What a road makes of pictures of several sizes."""

from convert.graph.discover.probe import noise
from convert.graph.discover.reading import Move, Place, Reading, observe
from convert.graph.graph import is_control
from convert.preprocessing import Size


def probe_sizes(size: Size) -> tuple[Size, ...]:
    """Picture sizes that tell one fit from another: both shapes, below and above `size`."""
    height, width = size
    parts = ((0.61, 0.93), (0.94, 0.38), (0.5, 0.5), (0.27, 0.71), (1.71, 1.13), (1.09, 2.83))
    return tuple((max(1, round(height * h)), max(1, round(width * w))) for h, w in parts)


class Seen:
    """Sizes before and after each move, on pictures chosen for the size they are brought to."""

    def __init__(self, reading: Reading, place: Place, size: Size) -> None:
        self.moves = reading.moves
        names = [place.flow.picture, *(link.node.name for link in reading.links)]
        self._amounts = {move.link.node.name: _amounts(move) for move in self.moves}
        names += [r for r in self._amounts.values() if r]
        self._shapes = observe(place.probe, list(dict.fromkeys(names)), probe_sizes(size))
        self._place, self._reading = place, reading

    def after(self, move: Move) -> dict[Size, Size]:
        """Picture size -> size after a move."""
        index = self._reading.links.index(move.link)
        values = self._reading.values[index + 1]
        return {
            picture: values.spatial(shapes[move.link.node.name])
            for picture, shapes in self._shapes.items()
        }

    def before_padding(self, move: Move) -> dict[Size, tuple[Size, Size]]:
        """Picture size -> what a pad adds on top and left, and what it adds altogether."""
        index = self._reading.links.index(move.link)
        axes = self._reading.values[index].axes
        found = {}
        for picture in self._shapes:
            arrays = self._place.probe.run(noise(picture), [self._amounts[move.link.node.name]])
            if arrays is not None:
                rows, columns = (arrays[0][axes.index(axis)].tolist() for axis in "HW")
                found[picture] = (rows[0], columns[0]), (sum(rows), sum(columns))
        return found


def _amounts(move: Move) -> str:
    """The reference to a pad's amounts; empty for other moves."""
    references = [r for r in move.link.node.input if not is_control(r)]
    return references[1] if move.kind == "pad" else ""
