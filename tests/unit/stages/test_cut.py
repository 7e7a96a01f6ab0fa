"""Making the core keeps what each step made, so that a step can be blamed."""

import numpy as np

from convert.graph.graph import Graph
from convert.graph.passes import PASSES
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.runtimes.reference import Ends
from convert.stages.cut import cut

ENDS = Ends(
    original_input="picture",
    original_output="end",
    start="ready",
    ends={"logits": "end"},
    input_name="image",
    resized_outside=False,
)


def test_each_step_is_kept_in_order_and_computes_the_same():
    tf = tensorflow()
    with tf.Graph().as_default() as graph:
        picture = tf.compat.v1.placeholder(tf.uint8, (1, None, None, 3), name="picture")
        ready = tf.subtract(tf.cast(picture, tf.float32), 1.0, name="ready")
        kernel = np.random.default_rng(7).normal(size=(1, 1, 3, 4)).astype(np.float32)
        x = tf.nn.conv2d(ready, tf.identity(tf.constant(kernel)), 1, "SAME")
        tf.multiply(x, tf.sqrt(tf.constant([1.0, 4.0, 9.0, 16.0])), name="end")
    original = Graph(graph_def=graph.as_graph_def(), inputs=("picture",), outputs=("end",))
    steps = cut(original, ENDS, (6, 9))
    assert list(steps) == ["cut", *PASSES]
    image = np.random.default_rng(1).normal(size=(1, 6, 9, 3)).astype(np.float32)
    wanted = image @ kernel[0, 0] * [1, 2, 3, 4]
    for made in steps.values():
        assert made.shapes()["image"] == (1, 6, 9, 3)
        np.testing.assert_allclose(function(made)(image)[0], wanted, atol=1e-4)
    assert "Mul" not in {n.op for n in list(steps.values())[-1].graph_def.node}
