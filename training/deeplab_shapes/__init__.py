"""A DeepLabV3 on MobileNetV2 in miniature, trained on drawn shapes."""

SIZE = 129
"""Side of the square the network sees, in pixels."""
