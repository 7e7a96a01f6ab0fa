"""How a graph fits a picture into its network: resizing, padding, cropping."""

import pytest


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"half_pixel_centers": True}, ("bilinear", "half_pixel")),
        ({}, ("bilinear", "legacy")),
        ({"align_corners": True}, ("bilinear", "align")),
    ],
)
def test_every_way_of_aligning_a_bilinear_resize_is_told_apart(found, attributes, expected):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, None, None, 3], name="image")
        pixels = tf.cast(image, tf.float32)
        resized = tf.raw_ops.ResizeBilinear(images=pixels, size=[40, 56], **attributes)
        net.classifier(resized / 255.0)

    front = found(body).front
    how = front.preprocessing.resampling
    assert (how.method, how.corners) == expected
    assert front.preprocessing.scale == (pytest.approx(1 / 255),) * 3
    assert front.confirmed


def test_nearest_resizes_are_read_too(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, None, None, 3], name="image")
        resized = tf.image.resize_nearest_neighbor(tf.cast(image, tf.float32), [32, 32])
        net.classifier(resized)

    front = found(body).front
    assert front.preprocessing.resampling.method == "nearest"
    assert front.confirmed


@pytest.mark.parametrize("rounding", ["round", "floor", "ceil"])
@pytest.mark.parametrize("enlarges", [True, False])
def test_a_letterbox_is_told_from_a_shrink_with_every_rounding(found, rounding, enlarges):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, None, None, 3], name="image")
        sides = tf.cast(tf.shape(image)[1:3], tf.float32)
        longest = tf.reduce_max(sides)
        scaled = sides * 64.0 / (longest if enlarges else tf.maximum(longest, 64.0))
        size = tf.maximum(tf.cast(getattr(tf.math, rounding)(scaled), tf.int32), 1)
        resized = tf.image.resize_bilinear(tf.cast(image, tf.float32), size, align_corners=True)
        missing = tf.maximum(64 - size, 0)
        ends = [[0, 0], [0, missing[0]], [0, missing[1]], [0, 0]]
        padded = tf.reshape(tf.pad(resized, ends), [1, 64, 64, 3])
        net.segmenter(padded / 255.0)

    front = found(body).front
    assert front.preprocessing.resize == ("letterbox" if enlarges else "shrink")
    assert front.preprocessing.rounding == rounding
    assert front.preprocessing.anchor == "top_left"
    assert front.preprocessing.size == (64, 64)
    assert not front.missing
    assert front.confirmed


def test_a_centered_letterbox_and_its_colored_border_are_read(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, None, None, 3], name="image")
        sides = tf.cast(tf.shape(image)[1:3], tf.float32)
        scaled = tf.floor(sides * 64.0 / tf.reduce_max(sides))
        size = tf.maximum(tf.cast(scaled, tf.int32), 1)
        resized = tf.image.resize_bilinear(tf.cast(image, tf.float32), size)
        spare = 64 - size
        rows, columns = (tf.stack([s // 2, s - s // 2]) for s in (spare[0], spare[1]))
        ends = tf.stack([[0, 0], rows, columns, [0, 0]])
        padded = tf.pad(resized, ends, constant_values=114.0)
        net.segmenter(tf.reshape(padded, [1, 64, 64, 3]) / 255.0)

    front = found(body).front
    assert front.preprocessing.anchor == "center"
    assert front.preprocessing.pad_value == 114
    assert front.confirmed


def test_sizes_that_a_letterbox_misses_by_a_pixel_are_said(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, None, None, 3], name="image")
        sides = tf.cast(tf.shape(image)[1:3], tf.float32)
        size = tf.cast(tf.round(sides * 64.0 / tf.reduce_max(sides)), tf.int32) - [0, 1]
        resized = tf.image.resize_bilinear(tf.cast(image, tf.float32), size)
        spare = 64 - size
        padded = tf.pad(resized, [[0, 0], [0, spare[0]], [0, spare[1]], [0, 0]])
        net.segmenter(padded / 255.0)

    front = found(body).front
    assert front.preprocessing.resize == "letterbox"
    assert any("of 6 picture sizes" in says for says in front.missing)
    assert not front.confirmed


def test_a_graph_that_only_pads_shrinks_larger_pictures_and_says_that_this_is_a_guess(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, None, None, 3], name="image")
        size = tf.shape(image)[1:3]
        spare = tf.maximum(96 - size, 0)
        ends = [[0, 0], [0, spare[0]], [0, spare[1]], [0, 0]]
        mean = tf.reshape(tf.constant([127.5, 127.5, 127.5]), [1, 1, 3])
        padded = tf.pad(tf.cast(image, tf.float32) - mean, ends) + mean
        net.segmenter(padded * (1 / 255))

    front = found(body).front
    assert front.preprocessing.resize == "shrink"
    assert front.preprocessing.size == (96, 96)
    assert front.preprocessing.pad_value == 127.5
    assert front.confirmed
    assert any("guess" in says and "96x96" in says for says in front.guesses)


def test_a_central_square_is_a_crop(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, None, None, 3], name="image")
        sides = tf.shape(image)[1:3]
        side = tf.reduce_min(sides)
        begin = (sides - side) // 2
        square = tf.slice(image, [0, begin[0], begin[1], 0], tf.stack([1, side, side, 3]))
        resized = tf.image.resize_bilinear(tf.cast(square, tf.float32), [32, 32])
        net.classifier(resized / 127.5 - 1.0)

    front = found(body).front
    assert front.preprocessing.resize == "crop"
    assert front.preprocessing.crop_fraction == 1.0
    assert front.confirmed


def test_padding_that_belongs_to_a_convolution_stays_in_the_core(found):
    def body(tf, net):
        image = tf.placeholder(tf.uint8, [1, 64, 64, 3], name="image")
        scaled = tf.multiply(tf.cast(image, tf.float32), 1 / 255, name="scaled")
        padded = tf.pad(scaled, [[0, 0], [3, 3], [3, 3], [0, 0]])
        net.classifier(padded)

    assert found(body).front.end == "scaled"


def test_a_free_size_without_any_resize_gets_a_size_that_is_called_a_guess(found):
    def body(tf, net):
        image = tf.placeholder(tf.float32, [None, None, None, 3], name="input")
        net.segmenter(image)

    front = found(body).front
    assert front.preprocessing.size == (224, 224)
    assert any("224x224 is a guess" in says for says in front.guesses)
