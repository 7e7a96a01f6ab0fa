"""Exact passes on the float core that make its weights and tensors kinder to eight bits.

Channels may be scaled and shifted wherever the layers around can take it back (Nagel et al. 2019,
Data-free quantization through weight equalization and bias correction, arXiv 1906.04721).
"""

from convert.quantizers.equalize.equalize import Equalized, Proof, equalize
from convert.quantizers.equalize.scales import ACTIVATIONS, WEIGHTS, Criterion

__all__ = ["ACTIVATIONS", "WEIGHTS", "Criterion", "Equalized", "Proof", "equalize"]
