"""From picture files to the arrays a model reads, and from its output back to the picture."""
