"""The peers' files: each of its tool's own making, from our float32 core."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.quantization import child, environments, signatures
from benchmarks.quantization.candidates import Candidate
from benchmarks.quantization.contestant import Contestant, Made, contestant
from benchmarks.quantization.peers import PEERS, Peer
from benchmarks.quantization.records import Row
from benchmarks.quantization.subject import Subject, shelf
from convert.memo import versions
from convert.store import digest_file
from convert.targets import TARGETS

_MAKERS = Path(__file__).parent / "makers"


def peer_files(subject: Subject) -> Iterator[Contestant]:
    """Everybody's file of the targets that the recipe makes."""
    for peer in PEERS:
        if peer.target in subject.recipe.targets:
            yield contestant(
                subject,
                peer.name,
                Row(target=peer.target, title=peer.title),
                partial(_make, subject, peer),
                made=[peer.mode, digest_file(_MAKERS / f"{peer.maker}.py")],
                layout=subject.recipe.targets[peer.target].layout,
                tools=tools_of(peer),
            )


def tools_of(peer: Peer) -> dict[str, str]:
    """The versions that decide what a peer makes."""
    if peer.environment is None:
        return versions(peer.packages)
    return environments.pins_of(peer.environment)


def _make(subject: Subject, peer: Peer, folder: Path) -> Made:
    python = environments.python_of(peer.environment, shelf() / "environments")
    out = folder / TARGETS[peer.target].FILE
    job = {**_given(subject, peer), "mode": peer.mode, "out": str(out)}
    cost = child.run([str(python), str(_MAKERS / f"{peer.maker}.py")], job, folder)
    if peer.target == "tflite":
        signature = signatures.of_tflite(out)
    else:
        # These peers leave the ends of the file as they are.
        signature = subject.float32(peer.target).facts.signature
    return Candidate(target=peer.target, path=out, signature=signature), cost


def _given(subject: Subject, peer: Peer) -> dict[str, object]:
    """What a maker may start from: the same core in the format that it reads."""
    given: dict[str, object] = {
        "calibration": str(subject.calibration),
        "input": subject.core.inputs[0],
        "layout": subject.recipe.targets[peer.target].layout,
        "saved_model": str(subject.saved_model),
    }
    if peer.target != "tfjs":
        given[peer.target] = str(subject.float32(peer.target).path.resolve())
    return given
