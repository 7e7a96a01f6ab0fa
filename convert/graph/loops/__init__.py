"""Loops over a batch, taken as often as a batch of one picture needs: once."""
