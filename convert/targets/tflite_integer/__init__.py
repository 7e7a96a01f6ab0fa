"""Write full-integer TFLite files from decisions made elsewhere; no exporter recomputes them."""
