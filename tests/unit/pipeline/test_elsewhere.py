"""A file is wrong in the browser where it agrees less than on its native runtime."""

import numpy as np
import pytest

from convert.observations import Observations
from convert.pipeline.elsewhere import disagreement


def seen(*agreed: int) -> Observations:
    return Observations(
        statistics=np.zeros((len(agreed), 1)),
        agreed=np.array(agreed),
        counted=np.full(len(agreed), 100),
    )


@pytest.mark.parametrize("there", [seen(99, 91), seen(90, 97), seen(100, 100)])
def test_a_last_bit_is_not_called_wrong(there: Observations) -> None:
    assert disagreement(there, seen(98, 91), "litert") is None


def test_more_than_two_points_of_labels_are() -> None:
    says = disagreement(seen(90, 90), seen(99, 91), "litert")
    assert says == "silently wrong: it agrees with the reference on 90.0%, and litert on 95.0%"


def test_only_the_pictures_that_both_have_seen_are_compared() -> None:
    assert disagreement(seen(50), seen(50, 100).first(1), "litert") is None
