import pytest

from .proof import F32


@pytest.fixture
def normal(rng):
    return lambda *shape: rng.standard_normal(shape).astype(F32)
