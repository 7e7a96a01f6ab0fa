"""The verbs of the road: each maps values to a value, and none imports another."""
