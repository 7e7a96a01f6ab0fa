"""Say what each output probably is."""

from collections.abc import Mapping
from dataclasses import dataclass

from convert.anatomy import CutOff, GraphOutput, Shape
from convert.graph.discover.flow import Flow
from convert.graph.discover.kinds import tell_kinds
from convert.graph.discover.output_facts import OutputFacts, output_facts
from convert.graph.discover.probe import Probe
from convert.graph.discover.told import Told


@dataclass(frozen=True, kw_only=True)
class Said:
    """The outputs with their kinds, and what each was told from."""

    outputs: tuple[GraphOutput, ...]
    facts: Mapping[str, OutputFacts]
    told: Mapping[str, Told]
    shapes: Mapping[str, Shape | None]
    """Of every node."""


def say_kinds(
    flow: Flow, probe: Probe, outputs: tuple[GraphOutput, ...], cut_off: CutOff | None
) -> Said:
    """The outputs with what each probably is, and why."""
    nchw = probe.layout == "NCHW"
    facts = {
        output.name: output_facts(flow, flow.graph.node(output.name), output.shape, nchw=nchw)
        for output in outputs
    }
    told = tell_kinds(tuple(facts.values()), probe.fixed, cut_off)
    named = (
        output.model_copy(
            update={"kind": told[output.name].kind, "meaning": told[output.name].says}
        )
        for output in outputs
    )
    return Said(outputs=tuple(named), facts=facts, told=told, shapes=probe.shapes())
