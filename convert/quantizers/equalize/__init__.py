"""Exact passes on the float core that make its weights and tensors kinder to eight bits.

Channels may be scaled and shifted wherever the layers around can take it back (Nagel et al. 2019,
Data-free quantization through weight equalization and bias correction, arXiv 1906.04721).
"""
