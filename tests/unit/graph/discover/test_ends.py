"""The picture and the answer are found among whatever else a graph was frozen with."""

import pytest

from convert.errors import UnsupportedError
from convert.graph.discover.discover import discover
from convert.recipe import Cut


def names(records):
    return [record.name for record in records]


def test_the_picture_is_told_from_what_training_left(found):
    def body(tf, net):
        training = tf.placeholder(tf.bool, [], name="is_training")
        keep = tf.placeholder(tf.float32, [], name="keep_prob")
        batch = tf.placeholder_with_default(tf.constant(1), [], name="batch_size")
        image = tf.placeholder(tf.uint8, [None, None, None, 3], name="image")
        pixels = tf.reshape(tf.cast(image, tf.float32), tf.stack([batch, 64, 64, 3])) / 255.0
        scores = net.classifier(pixels)
        scores = tf.cond(training, lambda: tf.nn.dropout(scores, keep), lambda: scores)
        tf.nn.softmax(scores, name="scores")

    anatomy = found(body)
    assert anatomy.inputs[0].name == "image"
    assert anatomy.inputs[0].free == (0, 1, 2)
    roles = {i.name: (i.role, i.fixed) for i in anatomy.inputs[1:]}
    assert roles == {
        "is_training": ("switch", False),
        "keep_prob": ("keep_probability", 1.0),
        "batch_size": ("batch_size", 1),
    }
    assert names(anatomy.outputs) == ["scores"]


def test_a_loss_and_an_accuracy_come_after_the_answer(found):
    def body(tf, net):
        image = tf.placeholder(tf.float32, [None, 64, 64, 3], name="image")
        labels = tf.placeholder(tf.int64, [None], name="labels")
        logits = net.classifier(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        tf.reduce_mean(loss, name="loss")
        tf.nn.softmax(logits, name="probabilities")
        hits = tf.cast(tf.equal(tf.argmax(logits, 1), labels), tf.float32)
        tf.reduce_mean(hits, name="accuracy")

    anatomy = found(body)
    assert anatomy.outputs[0].name == "probabilities"
    assert {"loss", "accuracy"} <= set(names(anatomy.outputs))
    assert "labels" in anatomy.outputs[1].says


def test_the_deepest_of_several_answers_comes_first_and_all_are_listed(found):
    def body(tf, net):
        image = tf.placeholder(tf.float32, [1, 64, 64, 3], name="image")
        shallow = net.conv(image, 8)
        tf.nn.softmax(net.vector(shallow, 4), name="auxiliary")
        deep = net.conv(shallow, 16, name="deep")
        tf.nn.softmax(net.vector(deep, 4), name="main")

    assert names(found(body).outputs) == ["main", "auxiliary"]


def test_what_checks_and_summaries_read_is_still_an_output(found):
    def body(tf, net):
        image = tf.placeholder(tf.float32, [1, 64, 64, 3], name="image")
        scores = tf.nn.softmax(net.classifier(image), name="scores")
        tf.summary.histogram("activations", scores)
        tf.Assert(tf.reduce_all(tf.math.is_finite(scores)), [scores])

    assert names(found(body).outputs) == ["scores"]


def test_an_unknown_shape_is_still_a_picture_if_weights_follow(found):
    def body(tf, net):
        image = tf.placeholder(tf.float32, None, name="anything")
        pixels = tf.reshape(image, [1, 32, 32, 3])
        net.classifier(pixels)

    assert found(body).inputs[0].name == "anything"


def test_a_recipe_may_name_what_discover_would_not_choose(build):
    def body(tf, net):
        image = tf.placeholder(tf.float32, [1, 64, 64, 3], name="image")
        ready = tf.identity(image, name="ready")
        logits = net.classifier(ready)
        tf.nn.softmax(logits, name="main")
        tf.nn.sigmoid(logits, name="other")

    anatomy = discover(build(body), given=Cut(original_output="other", output="fc/BiasAdd"))
    assert anatomy.cut.original_output == "other"
    assert anatomy.cut.output == "fc/BiasAdd"
    assert anatomy.back.postprocessing.decode == "sigmoid"


def test_a_name_that_is_not_in_the_graph_is_an_error(build):
    graph = build(lambda tf, net: net.classifier(tf.placeholder(tf.float32, [1, 8, 8, 3])))
    with pytest.raises(UnsupportedError, match="no node 'nowhere'"):
        discover(graph, given=Cut(original_output="nowhere"))


@pytest.mark.parametrize("shape", [[None, 784], [None, 28, 28, 1], [None, 20, 64]])
def test_a_graph_that_takes_no_picture_is_refused_with_what_it_takes(found, shape):
    def body(tf, net):
        words = tf.placeholder(tf.float32, shape, name="features")
        width = 1
        for length in shape[1:]:
            width *= length
        tf.matmul(tf.reshape(words, [-1, width]), net.weights(width, 3))

    with pytest.raises(UnsupportedError, match="features float32") as caught:
        found(body)
    assert caught.value.hint


def test_a_graph_that_decodes_files_itself_is_told_where_to_cut(found):
    def body(tf, net):
        file = tf.placeholder(tf.string, [], name="contents")
        image = tf.image.decode_jpeg(file, channels=3, name="Decode")
        net.classifier(tf.image.resize_bilinear(tf.cast(image[None], tf.float32), [32, 32]))

    with pytest.raises(UnsupportedError) as caught:
        found(body)
    assert "'Decode'" in caught.value.hint


def test_an_op_that_tensorflow_does_not_have_is_named(build):
    graph = build(lambda tf, net: net.classifier(tf.placeholder(tf.float32, [1, 8, 8, 3])))
    next(node for node in graph.graph_def.node if node.op == "Relu").op = "HomeMade"
    with pytest.raises(UnsupportedError, match="HomeMade"):
        discover(graph)
