"""Discover what a frozen graph is made of, from the graph alone: `discover.discover`."""
