"""Every kind of file that the targets write, of one network."""

import pytest

from convert.graph.graph import Graph

from .nets import core_of, segmenter
from .written import KINDS, Kind, Written, export, job


@pytest.fixture(scope="session")
def core() -> Graph:
    return core_of(segmenter)


@pytest.fixture(scope="session")
def written(core: Graph, tmp_path_factory: pytest.TempPathFactory) -> dict[Kind, Written]:
    return {
        (target, scheme, layout): export(
            target, job(core, scheme, layout), tmp_path_factory.mktemp(f"{target}-{scheme}")
        )
        for target, scheme, layout in KINDS
    }


@pytest.fixture(params=KINDS, ids="-".join)
def file(request: pytest.FixtureRequest, written: dict[Kind, Written]) -> Written:
    return written[request.param]
