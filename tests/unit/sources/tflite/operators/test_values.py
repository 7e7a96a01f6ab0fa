"""What is computed of each value, or of several: products, arithmetic, choices, sums."""

from itertools import product

import numpy as np
import pytest

from .proof import F32, I32, proves


@proves("FULLY_CONNECTED")
@pytest.mark.parametrize("shape", [(3, 8), (1, 1, 1, 8), (2, 3, 4, 8), (2, 3, 8), (2, 4)])
@pytest.mark.parametrize("kept", [False, True])
def test_fully_connected(tools, normal, shape, kept):
    if shape == (2, 4) and kept:
        return
    options = tools.options("FullyConnected", keepNumDims=kept, fusedActivationFunction=1)
    x, weights = tools.fed(normal(*shape)), normal(5, 8)
    tools.prove("FULLY_CONNECTED", x, weights, normal(5), options=options)
    tools.prove("FULLY_CONNECTED", x, weights, None, options=options)


@proves("BATCH_MATMUL")
@pytest.mark.parametrize(("first", "second"), [*product((False, True), repeat=2)])
def test_products_of_matrices(tools, normal, first, second):
    options = tools.options("BatchMatMul", adjX=first, adjY=second)
    x = normal(2, 4, 3) if first else normal(2, 3, 4)
    y = normal(2, 5, 4) if second else normal(2, 4, 5)
    tools.prove("BATCH_MATMUL", tools.fed(x), tools.fed(y), options=options)
    tools.prove("BATCH_MATMUL", tools.fed(x), y, options=options)


UNARY = {
    "RELU": None,
    "RELU6": None,
    "RELU_N1_TO_1": None,
    "RELU_0_TO_1": None,
    "HARD_SWISH": None,
    "ELU": None,
    "LOGISTIC": None,
    "TANH": None,
    "LOG_SOFTMAX": None,
    "ABS": None,
    "NEG": None,
    "EXP": None,
    "SQUARE": None,
    "SIN": None,
    "COS": None,
    "CEIL": None,
    "FLOOR": None,
    "ROUND": None,
    "SIGN": None,
    "ZEROS_LIKE": None,
}


@proves(*UNARY, "LOG", "SQRT", "RSQRT")
@pytest.mark.parametrize("kind", UNARY)
def test_one_input(tools, normal, kind):
    tools.prove(kind, tools.fed(normal(2, 3, 5, 4) * 4))


@pytest.mark.parametrize("kind", ["LOG", "SQRT", "RSQRT"])
def test_one_positive_input(tools, normal, kind):
    tools.prove(kind, tools.fed(np.abs(normal(2, 3, 5)) + F32(0.1)))


@proves("LEAKY_RELU", "PRELU", "SOFTMAX", "GELU")
def test_activations_with_settings(tools, normal):
    image, options = tools.fed(normal(2, 3, 5, 4)), tools.options
    tools.prove("LEAKY_RELU", image, options=options("LeakyRelu", alpha=0.3))
    tools.prove("PRELU", image, normal(1, 1, 4))
    tools.prove("PRELU", image, tools.fed(normal(1, 1, 4)))
    for beta in (1.0, 2.5):
        tools.prove("SOFTMAX", image, options=options("Softmax", beta=beta))
    for approximate in (False, True):
        # LiteRT's own Erf and Tanh are approximations
        tools.prove("GELU", image, options=options("Gelu", approximate=approximate), bound=1e-4)


@proves("ADD", "SUB", "MUL", "DIV")
@pytest.mark.parametrize("kind", ["Add", "Sub", "Mul", "Div"])
@pytest.mark.parametrize("fused", range(4))
@pytest.mark.parametrize("other", [(2, 3, 5, 4), (4,), (1, 1, 1, 4), ()])
def test_arithmetic_with_fused_activations(tools, normal, kind, fused, other):
    options = tools.options(kind, fusedActivationFunction=fused)
    second = np.asarray(normal(*other) + F32(3 if kind == "Div" else 0), F32)
    x = tools.fed(normal(2, 3, 5, 4))
    tools.prove(kind.upper(), x, second, options=options)
    tools.prove(kind.upper(), x, tools.fed(second), options=options)


@proves("MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE", "POW", "FLOOR_DIV", "FLOOR_MOD", "ADD_N")
def test_two_inputs(tools, normal):
    x, y = tools.fed(np.abs(normal(2, 3, 4)) + F32(0.2)), np.abs(normal(2, 3, 4)) + F32(0.2)
    for kind in ("MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE", "POW", "FLOOR_DIV", "FLOOR_MOD"):
        tools.prove(kind, x, y)
    tools.prove("ADD_N", x, tools.fed(y), y)


@proves("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL")
@pytest.mark.parametrize(
    "kind", ["EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL"]
)
def test_comparisons(tools, rng, kind):
    x, y = (rng.integers(0, 3, (2, 3, 4)).astype(F32) for _ in range(2))
    tools.prove(kind, tools.fed(x), y, made=[np.bool_])


@proves("LOGICAL_AND", "LOGICAL_OR", "LOGICAL_NOT", "REDUCE_ANY", "REDUCE_ALL")
def test_truth_values(tools, rng):
    x, y = (rng.integers(0, 2, (2, 3, 4)).astype(np.bool_) for _ in range(2))
    for kind in ("LOGICAL_AND", "LOGICAL_OR"):
        tools.prove(kind, tools.fed(x), tools.fed(y), made=[np.bool_])
    tools.prove("LOGICAL_NOT", tools.fed(x), made=[np.bool_])
    options = tools.options("Reducer", keepDims=False)
    for kind in ("REDUCE_ANY", "REDUCE_ALL"):
        tools.prove(kind, tools.fed(x), np.array([1], I32), made=[np.bool_], options=options)


@proves("SELECT", "SELECT_V2")
def test_selections(tools, normal, rng):
    x, y = tools.fed(normal(3, 4)), tools.fed(normal(3, 4))
    whole, rows = (rng.integers(0, 2, s).astype(np.bool_) for s in ((3, 4), (3,)))
    tools.prove("SELECT", tools.fed(whole), x, y)
    tools.prove("SELECT", tools.fed(rows), x, y)
    tools.prove("SELECT_V2", tools.fed(whole[:, :1]), x, normal(4))


def test_select_v2_broadcasts_a_vector_along_the_last_axis(tools, normal, rng):
    x, y = tools.fed(normal(4, 4)), tools.fed(normal(4, 4))
    tools.prove("SELECT_V2", tools.fed(np.array([True, False, False, True])), x, y)


REDUCTIONS = ["MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD"]


@proves(*REDUCTIONS)
@pytest.mark.parametrize("kind", REDUCTIONS)
@pytest.mark.parametrize("axes", [[1, 2], [-1], [0, 1, 2, 3]])
@pytest.mark.parametrize("kept", [False, True])
def test_reductions(tools, normal, kind, axes, kept):
    options = tools.options("Reducer", keepDims=kept)
    tools.prove(kind, tools.fed(normal(2, 3, 5, 4)), np.array(axes, I32), options=options)


@proves("ARG_MAX", "ARG_MIN", "TOPK_V2", "CUMSUM")
def test_orders(tools, normal):
    image = tools.fed(normal(2, 3, 5, 7))
    for kind, name in (("ARG_MAX", "ArgMax"), ("ARG_MIN", "ArgMin")):
        for number, dtype in ((2, I32), (4, np.int64)):
            options = tools.options(name, outputType=number)
            tools.prove(kind, image, np.array(3, I32), made=[dtype], options=options)
    tools.prove("TOPK_V2", image, np.array(3, I32), made=[F32, I32])
    for exclusive, backwards in product((False, True), repeat=2):
        options = tools.options("Cumsum", exclusive=exclusive, reverse=backwards)
        tools.prove("CUMSUM", image, np.array(1, I32), options=options)


@proves("FAKE_QUANT")
def test_fake_quantization(tools, normal):
    options = tools.options("FakeQuant", min=-1.0, max=2.0, numBits=8)
    tools.prove("FAKE_QUANT", tools.fed(normal(3, 5)), options=options)
