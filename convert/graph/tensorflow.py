"""The one door to TensorFlow: imported once, quietly, and without the packages it does not need."""

import logging
import os
import sys
from functools import cache
from types import ModuleType
from typing import Any

from convert.quiet import quiet

# Only tensorflowjs wants these; TensorFlow would spend seconds on importing them because they
# are installed.
_NOT_NEEDED = ("jax", "pandas")


@cache
def tensorflow() -> Any:
    """The `tensorflow` module."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    # oneDNN lets grappler write _FusedHardSwish, which tfjs's runtimes refuse, and its sums
    # differ from one run to the next.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    absent = [name for name in _NOT_NEEDED if name not in sys.modules]
    placeholders: dict[str, ModuleType | None] = dict.fromkeys(absent)
    sys.modules.update(placeholders)  # type: ignore[arg-type]  # None means "do not import"
    try:
        with quiet():
            import tensorflow as tf

            _say_everything_once(tf)
    finally:
        for name in absent:
            sys.modules.pop(name, None)
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    return tf


def _say_everything_once(tf: Any) -> None:
    """Run something small: the first session logs lines that no setting turns off."""
    with tf.Graph().as_default() as graph:
        nothing = tf.constant(0)
    with tf.compat.v1.Session(graph=graph) as session:
        session.run(nothing)
