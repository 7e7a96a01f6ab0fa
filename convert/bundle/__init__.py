"""The bundle: a published folder that stands on its own, and how one is checked."""
