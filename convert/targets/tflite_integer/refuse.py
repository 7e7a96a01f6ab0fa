"""Refuse what LiteRT would refuse, before it is called a file."""

from convert.errors import ToolError
from convert.quiet import quiet
from convert.targets.base import first_lines


def refuse_broken(flatbuffer: bytes) -> None:
    """Raise ToolError, with LiteRT's word on the operator, where it cannot prepare the file."""
    from ai_edge_litert.interpreter import Interpreter

    try:
        with quiet():
            Interpreter(model_content=flatbuffer).allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise ToolError(
            f"LiteRT refuses the file that was written: {first_lines(error)}"
        ) from error
