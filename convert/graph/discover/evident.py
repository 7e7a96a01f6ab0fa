"""Names and functions that tell what an output is."""

from convert.graph.discover.output_facts import OutputFacts

SCORE_WORDS = ("class", "score", "conf", "objectness")
BOX_WORDS = ("box", "regress", "/loc", "_loc", "location")
POINT_WORDS = ("landmark", "keypoint", "key_point", "joint")
BOUNDS = {
    "softmax": "Softmax makes them, so that they sum to 1",
    "sigmoid": "Sigmoid makes them, so that each is within 0..1",
    "tanh": "Tanh makes them, so that each is within -1..1",
    "none": "nothing bounds them",
}
"""What an output's last function says of its values."""


def by_name(facts: OutputFacts) -> str:
    """The layer whose name tells what an output is; nothing where none does."""
    words = (*SCORE_WORDS, *BOX_WORDS, *POINT_WORDS)
    found = [name for name in facts.words.split() if any(word in name for word in words)]
    return f"; named {found[0]}" if found else ""
