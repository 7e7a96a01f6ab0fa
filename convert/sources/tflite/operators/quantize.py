"""Between stored integers and real numbers: in a float graph there is nothing left to do."""

from convert.sources.tflite.emit import Site
from convert.sources.tflite.network import Array, Symbol


def unchanged(site: Site) -> Symbol | Array:
    """DEQUANTIZE, QUANTIZE and DENSIFY: a constant is already real and dense."""
    value = site.network.value(site.tensor(0).index)
    return site.read(0) if value is None else value


def fake_quant(site: Site) -> Symbol:
    """FAKE_QUANT, which quantization-aware training leaves in float files."""
    options = site.options
    return site.add(
        "FakeQuantWithMinMaxArgs",
        inputs=site.read(0),
        min=float(options.min),
        max=float(options.max),
        num_bits=int(options.numBits),
        narrow_range=bool(options.narrowRange),
    )
