"""Our eight-bit files and the peers', on the same pictures in one run: `docs/quantization.md`."""
