"""Which operators the tests here are about."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

F32, I32 = np.float32, np.int32
TESTED: set[str] = set()

Test = TypeVar("Test", bound=Callable[..., None])


def proves(*kinds: str) -> Callable[[Test], Test]:
    """Says which operators a test is about."""
    TESTED.update(kinds)
    return lambda test: test
