"""Products of matrices. TFLite's weights are [out, in]."""

from convert.sources.tflite.emit import Shape, Site
from convert.sources.tflite.network import Symbol
from convert.sources.tflite.operators.activations import activated
from convert.sources.tflite.operators.bias import biased

_PLAIN_WEIGHTS = 0


def fully_connected(site: Site) -> Symbol:
    """FULLY_CONNECTED; the weights are [out, in]. One that keeps four dimensions is a 1x1 conv."""
    if site.options.weightsFormat != _PLAIN_WEIGHTS:
        raise site.unsupported("has shuffled weights")
    made, given = site.shape(1, 2)
    if made is None or given is None:
        raise site.unsupported("has weights of free size")
    if site.options.keepNumDims and len(site.shape(0)) == 4:
        return activated(site, biased(site, _pointwise(site, given, made)))
    x = site.read(0)
    if site.shape(0) != (x.shape[0], given):
        x = site.add("Reshape", tensor=x, shape=[-1, given])
    whole = biased(site, site.add("MatMul", a=x, b=site.arranged(1, (1, 0))))
    if site.options.keepNumDims and len(site.shape(0)) != 2:
        whole = site.add("Reshape", tensor=whole, shape=_kept(site.shape(0), made))
    return activated(site, whole)


def _pointwise(site: Site, given: int, made: int) -> Symbol:
    kernel = site.arranged(1, (1, 0), (1, 1, given, made))
    return site.add("Conv2D", input=site.read(0), filter=kernel, strides=[1] * 4, padding="VALID")


def _kept(shape: Shape, made: int) -> list[int]:
    """The input's shape with other channels; one free dimension may be left to Reshape."""
    return [*(-1 if side is None else side for side in shape[:-1]), made]


def batch_matmul(site: Site) -> Symbol:
    """BATCH_MATMUL."""
    return site.add(
        "BatchMatMulV2",
        x=site.read(0),
        y=site.read(1),
        adj_x=bool(site.options.adjX),
        adj_y=bool(site.options.adjY),
    )
