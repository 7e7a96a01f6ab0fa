"""The frozen graph in the middle of the road, and everything that is done to it."""
