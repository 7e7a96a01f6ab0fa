"""The training itself: what is minimized, how, and for how long."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import tensorflow as tf

from convert.datasets.base import VOID
from convert.datasets.scenes import TRAINING
from training.deeplab_shapes import SIZE
from training.deeplab_shapes.data import batches, draw_all
from training.deeplab_shapes.layers import WEIGHTS, Mode, tf1
from training.deeplab_shapes.model import network


@dataclass(frozen=True, kw_only=True)
class Training:
    """What decides the outcome, beside the code."""

    seed: int = 1
    """Of the first weights, the dropout and the order and variation of the scenes."""
    scenes: int = 12_000
    """How many are drawn; each is varied anew whenever it is fed."""
    steps: int = 6_500
    batch: int = 16
    learning_rate: float = 1e-2
    """Adam's, at its height."""
    weight_decay: float = 4e-5
    processes: int = 2
    """How many draw the scenes."""


def fit(training: Training, directory: Path) -> str:
    """The checkpoint of a network trained from scratch."""
    drawn = draw_all(TRAINING[: training.scenes], training.processes)
    fed = batches(*drawn, training.batch, training.seed)
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.set_random_seed(training.seed)
        canvases = tf1.placeholder(tf.uint8, [training.batch, SIZE, SIZE, 3])
        masks = tf1.placeholder(tf.uint8, [training.batch, SIZE, SIZE])
        loss = loss_of(canvases, masks)
        step = step_of(loss, training)
        session.run(tf1.global_variables_initializer())
        for number, (images, truth) in enumerate(islice(fed, training.steps)):
            value, _ = session.run([loss, step], {canvases: images, masks: truth})
            if number % 100 == 0:
                print(f"step {number} loss {value:.4f}", flush=True)
        return str(tf1.train.Saver(learned()).save(session, str(directory / "model")))


def learned() -> list[tf.Variable]:
    """What the inference graph needs: the weights and the moving averages, not Adam's slots."""
    moving = [each for each in tf1.global_variables() if "/moving_" in each.name]
    return [*tf1.trainable_variables(), *moving]


def loss_of(canvases: tf.Tensor, masks: tf.Tensor) -> tf.Tensor:
    """Mean cross-entropy over the pixels that are not void, float32 []."""
    scores = network(tf.cast(canvases, tf.float32) * (2 / 255) - 1.0, Mode(training=True))
    counted = tf.cast(tf.not_equal(masks, VOID), tf.float32)
    labels = tf.cast(masks, tf.int32) * tf.cast(counted, tf.int32)
    return tf1.losses.sparse_softmax_cross_entropy(labels, scores, counted)


def step_of(loss: tf.Tensor, training: Training) -> tf.Operation:
    """One step of Adam under a cosine that ends at zero, with weight decay and moving averages."""
    number = tf1.train.get_or_create_global_step()
    rate = tf1.train.cosine_decay(training.learning_rate, number, training.steps)
    rate *= tf.minimum(1.0, tf.cast(number + 1, tf.float32) / 200)
    decay = tf.add_n([tf.nn.l2_loss(weights) for weights in tf1.get_collection(WEIGHTS)])
    with tf.control_dependencies(tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)):
        total = loss + training.weight_decay * decay
        return tf1.train.AdamOptimizer(rate).minimize(total, global_step=number)
