import numpy as np

from convert.graph.run import function
from convert.quantizers.layers import layers
from convert.quantizers.march import March


def _branched(build):
    first = build.plain(
        "Relu", "first/act", build.conv("first", build.image(6, 6, 3), (1, 1, 3, 4))
    )
    left = build.conv("left", first, (3, 3, 4, 4))
    right = build.conv("right", first, (3, 3, 4, 1), op="DepthwiseConv2dNative")
    return build.graph(build.conv("last", build.plain("AddV2", "sum", left, right), (1, 1, 4, 2)))


def test_each_layer_s_data_is_what_the_whole_graph_gives_there(build, pictures):
    graph = _branched(build)
    march = March(graph, pictures())
    for layer in layers(graph):
        call = function(graph, layer.data)
        for made, picture in zip(march.to(layer.data, {}), pictures(), strict=True):
            np.testing.assert_allclose(made, call(picture)[0], rtol=1e-5, atol=1e-5)


def test_a_changed_kernel_changes_what_comes_after_it_only(build, pictures):
    graph = _branched(build)
    first, *others = layers(graph)
    march, plain = March(graph, pictures()), March(graph, pictures())
    doubled = {first.kernel: np.asarray(graph.constant(first.kernel)) * 2}
    np.testing.assert_array_equal(march.to(first.data, {})[0], plain.to(first.data, {})[0])
    changed, same = march.to(others[-1].data, doubled)[0], plain.to(others[-1].data, {})[0]
    assert np.abs(changed - same).max() > 0.1
    (end,) = march.finish({})[0]
    assert end.shape == (1, 6, 6, 2)
