"""Choose ranges by what they do to the whole network's answers."""

from collections.abc import Callable, Iterable, Mapping

from convert.graph.graph import Graph
from convert.progress import Progress, Silence, Tick
from convert.quantization import Range
from convert.quantizers.answers import Answers, answer_of
from convert.quantizers.layers import Layer
from convert.quantizers.origin import origin
from convert.quantizers.ranges import entropy, least_error, min_max, observe, percentile
from convert.quantizers.simulate import stored
from convert.quantizers.spread import Pictures, spread
from convert.quantizers.trial import Trial
from convert.quantizers.unseen import widened
from convert.vocabulary import RangeWay

_RARE = 1e-4
"""The share of values that the percentile range leaves out at either end."""
_TRIED_WAYS: tuple[RangeWay, ...] = ("min_max", "percentile", "least_error")
_TRIED = 4
"""Pictures that ranges are tried on, where each has an answer for each of its pixels."""
_TRIED_WHOLE = 32
"""Where each has but one."""
_WORTH_A_TRIAL = 0.03
"""Of a range, by which another must differ."""
_LAST = 8
"""Tensors before the answers: there it shows what the answers' own curve (a sigmoid, the largest
of several) makes of values far out, which are most of the range."""
_SURE = 8.0
"""The logit of a chance of 0.9997, beyond which it says nothing new: detectors give hundreds where
nothing is, and a range that holds them has steps of more than a logit."""
_ENDS = ((0.8, 0.8), (0.0, 1.0), (0.8, 1.0), (1.0, 0.8))
"""What the ends of a range are multiplied by to make it narrower."""
_CLEARLY = 0.99
"""How much better a narrower range must be on the few pictures of the trial."""


def choose_ranges(
    graph: Graph,
    found: tuple[Layer, ...],
    pictures: Pictures,
    answers: Answers,
    given: Mapping[str, Range],
    way: RangeWay,
    progress: Progress | None = None,
) -> dict[str, Range]:
    """The range of everything stored: `given`, or by one way, or what the answers mind least."""
    seen = observe(graph, stored(graph, found), pictures())
    here = {name: range_ for name, range_ in given.items() if name in seen}
    made: Mapping[RangeWay, Callable[[], dict[str, Range]]] = {
        "min_max": lambda: min_max(seen),
        "percentile": lambda: percentile(seen, _RARE),
        "least_error": lambda: least_error(graph, found, seen),
        "entropy": lambda: entropy(seen),
    }
    if way != "chosen":
        return {**made[way](), **here}
    ways = [{**made[one](), **here} for one in _TRIED_WAYS]
    maps = any(len(graph.shapes()[name] or ()) == 4 for name in graph.outputs)
    tried = spread(pictures, _TRIED if maps else _TRIED_WHOLE)
    trial = Trial(graph, ways[0], tried, answers)
    ways.sort(key=trial.cost)
    with (progress or Silence()).count("choose ranges", len(seen), "tensors") as tick:
        best = chosen(trial, ways[0], ways[1:], tick)
    # Where each picture has many answers, few pictures were tried: too few for what is pooled.
    free = tuple(name for name in seen if name not in here and not (maps and seen[name].is_scarce))
    best |= _shared(graph, answers, free, best)
    return narrowed(trial, best, _last_groups(graph, free))


def ranges_of_drawn(
    graph: Graph, found: tuple[Layer, ...], pictures: Pictures, given: Mapping[str, Range]
) -> dict[str, Range]:
    """From drawn pictures: wider than they reach, for real ones reach further."""
    seen = observe(graph, stored(graph, found), pictures())
    return {**widened(graph, min_max(seen)), **{n: given[n] for n in given if n in seen}}


def chosen(
    trial: Trial, start: Mapping[str, Range], others: list[dict[str, Range]], tick: Tick
) -> dict[str, Range]:
    """Tensor by tensor, the range of `start` or of one of `others` that moves the answers least."""
    best = dict(start)
    least = trial.cost(best)
    for name in start:
        for range_ in dict.fromkeys(other[name] for other in others):
            if _alike(range_, best[name]):
                continue
            cost = trial.cost({**best, name: range_})
            if cost < least:
                best[name], least = range_, cost
        tick()
    return best


def narrowed(
    trial: Trial, start: Mapping[str, Range], groups: Iterable[tuple[str, ...]]
) -> dict[str, Range]:
    """Each group's ranges made narrower, one end or both, as long as the answers gain."""
    best = dict(start)
    least = trial.cost(best)
    for group in groups:
        for ends in _ENDS:
            while True:
                tried = {**best, **{name: _narrower(best[name], ends) for name in group}}
                cost = trial.cost(tried)
                if cost >= least * _CLEARLY:
                    break
                best, least = tried, cost
    return best


def _narrower(range_: Range, ends: tuple[float, float]) -> Range:
    return range_[0] * ends[0], range_[1] * ends[1]


def _last_groups(graph: Graph, names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The last of the stored tensors, from the end; those together that share their values."""
    joined = _parts_of_answers(graph)
    groups: dict[str, list[str]] = {}
    for name in names:
        source = origin(graph, name)
        groups.setdefault(joined.get(source, source), []).append(name)
    return [tuple(group) for group in groups.values()][-_LAST:][::-1]


def _shared(
    graph: Graph, answers: Answers, names: tuple[str, ...], ranges: Mapping[str, Range]
) -> dict[str, Range]:
    """One range for all parts of an answer, which no file stores in steps of their own."""
    joined = _parts_of_answers(graph)
    parts: dict[str, list[str]] = {}
    for name in names:
        output = joined.get(origin(graph, name))
        if output is not None:
            parts.setdefault(output, []).append(name)
    found: dict[str, Range] = {}
    for output, group in parts.items():
        lows, highs = zip(*(ranges[name] for name in group), strict=True)
        most = _SURE if answer_of(output, answers).kind == "chance" else float("inf")
        found.update(dict.fromkeys(group, (max(min(lows), -most), min(max(highs), most))))
    return found


def _parts_of_answers(graph: Graph) -> dict[str, str]:
    """What an answer is put together from, and the whole -> its output."""
    ends = {output: graph.node(origin(graph, output)) for output in graph.outputs}
    return {
        origin(graph, part.name): output
        for output, end in ends.items()
        if end.op == "ConcatV2"
        for part in (*graph.producers(end)[:-1], end)
    }


def _alike(one: Range, other: Range) -> bool:
    """Whether two ranges differ by too little to be worth a trial."""
    room = _WORTH_A_TRIAL * (other[1] - other[0])
    return all(abs(a - b) <= room for a, b in zip(one, other, strict=True))
