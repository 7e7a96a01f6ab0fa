"""What inspect found in a file, as people read it."""

from collections.abc import Iterable

from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from convert.anatomy import Anatomy, Back, Front, Shape, Step
from convert.render.console import out, print_json, show, table


def show_anatomy(anatomy: Anatomy, as_json: bool) -> None:
    """Inputs, outputs, what surrounds the network, the proposed cut and why, operators, cost."""
    if as_json:
        print_json(anatomy)
        return
    if anatomy.file:
        file = anatomy.file
        _line(f"[bold]{escape(file.path)}[/bold]  {file.format}, {file.bytes:,} bytes")
        _line(f"sha256 {file.sha256}")
    _section("Inputs", (f"{item.name}: {item.says}" for item in anatomy.inputs))
    _section("Outputs", _outputs(anatomy))
    _section("Before the network, in the graph", _front(anatomy.front))
    _section("After the network, in the graph", _back(anatomy.back))
    _section("After the graph, in the file", _cut_off(anatomy))
    _section("Left over from training", (f"{item.count} {item.says}" for item in anatomy.leftovers))
    _section("Proposed cut", _cut(anatomy))
    _section("The network", _core(anatomy))
    _operators(anatomy)


def _line(text: str) -> None:
    out().print(text, soft_wrap=True)


def _section(title: str, lines: Iterable[str]) -> None:
    told = list(lines)
    if told:
        _line(f"\n[bold]{title}[/bold]")
        for text in told:
            show(Padding(Text(text), (0, 0, 0, 2), expand=False))


def _outputs(anatomy: Anatomy) -> Iterable[str]:
    for output in anatomy.outputs:
        sure = "" if output.kind == "unknown" else "probably "
        yield f"{output.name} {_shape(output.shape)}: {sure}{output.meaning}"
        yield f"  {output.says}"


def _front(front: Front) -> list[str]:
    lines = [_step(step) for step in front.steps]
    lines += [f"assumed: {text}" for text in front.guesses]
    lines += [f"not expressible in a recipe: {text}" for text in front.missing]
    if front.confirmed:
        sizes = ", ".join(f"{height}x{width}" for height, width in front.compared)
        lines.append(
            f"confirmed by running the graph on pictures of {sizes}: "
            f"largest difference {front.max_difference or 0:.2g}"
        )
    return lines


def _step(step: Step) -> str:
    nodes = step.nodes if len(step.nodes) < 3 else (step.nodes[0], "…", step.nodes[-1])
    return f"{step.says}  ({', '.join(nodes)})" if nodes else step.says


def _back(back: Back) -> list[str]:
    lines = [_step(step) for step in back.steps]
    lines += [f"assumed: {text}" for text in back.guesses]
    return lines + [f"not expressible in a recipe: {text}" for text in back.missing]


def _cut_off(anatomy: Anatomy) -> list[str]:
    found = anatomy.cut_off
    if found is None:
        return []
    reads = ", ".join(f"{node} as {role}" for role, node in found.reads.items())
    return [found.says, f"It reads {reads}"]


def _cut(anatomy: Anatomy) -> list[str]:
    cut = anatomy.cut
    several = (f"{name} = {node}" for name, node in cut.outputs.items())
    lines = [f"{cut.input} → {', '.join(several) or cut.output}", *anatomy.reasons]
    return lines + [f"or {a.output}: {a.says}" for a in anatomy.back.alternatives]


def _core(anatomy: Anatomy) -> list[str]:
    core = anatomy.core
    macs = f"{core.macs / 1e6:,.1f} million multiply-accumulates" if core.macs else "cost unknown"
    guess = f", {anatomy.classes} classes" if (anatomy.classes or 1) > 1 else ""
    shapes = core.output_shapes.values() or (core.output_shape,)
    lines = [
        f"{_shape(core.input_shape)} → {', '.join(map(_shape, shapes))}, "
        f"probably {anatomy.task or 'an unknown task'}{guess}",
        f"{core.parameters:,} parameters, {macs} a picture",
    ]
    for target, ops in core.cannot.items():
        named = ", ".join(f"{op} ({count})" for op, count in ops.items())
        lines.append(f"{target} cannot express {named}")
    return lines if core.cannot else [*lines, "every target can express all of it"]


def _shape(shape: Shape | None) -> str:
    return "?" if shape is None else " x ".join("?" if s is None else str(s) for s in shape)


def _operators(anatomy: Anatomy) -> None:
    counts = ("in the network", "in the file")
    made = table("operator", *counts, right=counts)
    for op in sorted(anatomy.ops, key=lambda op: (-anatomy.core.ops.get(op, 0), op)):
        made.add_row(op, str(anatomy.core.ops.get(op, "")), str(anatomy.ops[op]))
    out().print()
    show(made)
