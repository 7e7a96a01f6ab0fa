"""Run a model over the evaluation split and observe each picture."""

from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.datasets.base import Dataset
from convert.errors import RuntimeFailure
from convert.metrics.base import MetricBackend, Prediction
from convert.observations import Observations, stacked
from convert.pictures.answer import answer
from convert.pictures.prepare import prepare
from convert.preprocessing import Postprocessing, Preprocessing
from convert.progress import Progress
from convert.runtimes.base import Session
from convert.runtimes.reference import Picture

Predict = Callable[[Picture], Prediction]


def verify(
    predict: Predict,
    dataset: Dataset,
    metric: MetricBackend,
    classes: int,
    *,
    reference: Iterable[NDArray[Any]] | None,
    label: str,
    progress: Progress,
    keep: Callable[[NDArray[Any]], None] = lambda labels: None,
) -> Observations:
    """Observe `predict` on every picture of a split, which is streamed.

    `reference` gives the reference's labels of each picture, in order (None: this is the
    reference, which agrees with itself); `keep` is given this model's own.
    """
    statistics, agreements = [], []
    others = reference if reference is not None else repeat(None, len(dataset))
    with progress.count(label, len(dataset), "pictures") as tick:
        for sample, other in zip(dataset, others, strict=True):
            prediction = predict(sample.image)
            labels = metric.label(prediction)
            keep(labels)
            wanted = labels if other is None else other
            truth = sample.truth if metric.AGAINST == "truth" else wanted
            statistics.append(metric.observe(prediction, truth, classes))
            agreements.append(metric.agreement(prediction, wanted, sample.truth))
            tick()
    agreed, counted = np.array(agreements, np.int64).T
    return Observations(statistics=stacked(statistics), agreed=agreed, counted=counted)


def predictor(
    session: Session, input_name: str, pre: Preprocessing, post: Postprocessing
) -> Predict:
    """What a loaded file says of a picture.

    Raises RuntimeFailure where the file gives values that are not finite.
    """

    def predict(image: Picture) -> Prediction:
        prepared = prepare(image, pre)
        outputs = session.run({input_name: prepared.tensor})
        for name, output in outputs.items():
            if not np.isfinite(output).all():
                raise RuntimeFailure(
                    f"the output {name!r} holds values that are not finite",
                    hint="A float16 file may overflow; leave this scheme out of the recipe.",
                )
        floats = {name: out.astype(np.float32, copy=False) for name, out in outputs.items()}
        return answer(floats, post, prepared.placement)

    return predict
