"""The passes on the float core, in the order they are applied."""

from collections.abc import Callable, Mapping

from convert.graph.drop_identity_resizes import drop_identity_resizes
from convert.graph.fold_batch_norm import fold_batch_norm
from convert.graph.fold_constants import fold_constants
from convert.graph.fuse_atrous import fuse_atrous
from convert.graph.graph import Graph

Pass = Callable[[Graph], Graph]

PASSES: Mapping[str, Pass] = {
    "constants folded": fold_constants,
    "atrous pairs fused": fuse_atrous,
    "batch norm folded": fold_batch_norm,
    "identity resizes dropped": drop_identity_resizes,
}
"""What was done -> the pass; each gives a Graph of the same function."""
