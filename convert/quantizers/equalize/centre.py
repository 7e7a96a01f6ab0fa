"""Centre the channels of linear tensors, so that one range holds them all with little waste.

Reason: of DeepLab's disagreement with full integers, half comes from MobileNetV2's residual
streams, whose channels lie far apart while one scale and zero point must hold them all.
"""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from convert.graph.graph import Graph
from convert.quantizers.channel_ranges import ChannelRanges
from convert.quantizers.equalize.groups import Groups
from convert.quantizers.equalize.shiftable import shiftable
from convert.quantizers.equalize.shifts import Shifts, Vector, shift, shifted

_Row = tuple[list[int], float, float]
"""The numbers of the shifts that add up to a channel's, its middle, and its tensor's width."""


def centre(graph: Graph, ranges: ChannelRanges) -> tuple[Graph, ChannelRanges]:
    """The same function with linear tensors' channels around zero, as near as may be."""
    admitted = shiftable(graph)
    values = _solved(admitted, ranges)
    return shift(graph, admitted, values), shifted(ranges, admitted, values)


def _solved(admitted: Shifts, ranges: ChannelRanges) -> Vector:
    """The shifts that bring all middles nearest to zero, in shares of the tensors' widths."""
    values = np.zeros(len(admitted.free))
    for rows in _apart(list(_rows(admitted, ranges)), len(values)):
        numbers = sorted({number for row in rows for number in row[0]})
        place = {number: index for index, number in enumerate(numbers)}
        system, wanted = np.zeros((len(rows), len(numbers))), np.zeros(len(rows))
        for index, (summed, middle, width) in enumerate(rows):
            for number in summed:
                system[index, place[number]] += 1 / width
            wanted[index] = -middle / width
        values[numbers] = np.linalg.lstsq(system, wanted, rcond=None)[0]
    return values


def _rows(admitted: Shifts, ranges: ChannelRanges) -> Iterator[_Row]:
    for name, terms in admitted.of.items():
        if not terms or name not in ranges:
            continue
        low, high = (side.astype(np.float64) for side in ranges[name])
        width = max(float(high.max() - low.min()), float(np.finfo(np.float32).tiny))
        for channel, summed in enumerate(np.stack(terms, 1).tolist()):
            numbers = [n for n in summed if n >= 0 and admitted.free[n]]
            if numbers:
                yield numbers, float(low[channel] + high[channel]) / 2, width


def _apart(rows: list[_Row], count: int) -> list[list[_Row]]:
    """Rows that share no shift are solved one by one."""
    groups = Groups()
    groups.new(count)
    for numbers, _, _ in rows:
        groups.join_all(numbers)
    found: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        found[groups.find(row[0][0])].append(row)
    return list(found.values())
