"""Run a float TFLite file and look at all it computes on the way."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.errors import ToolError
from convert.quiet import quiet
from convert.targets.same_tensors import Sight, sights


def observed(flatbuffer: bytes, name: str, pictures: list[NDArray[np.float32]]) -> dict[int, Sight]:
    """What is seen of each float32 activation, by its index in the file.

    Raises ToolError where LiteRT does not run the file.
    """
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    try:
        with quiet():
            interpreter = Interpreter(
                model_content=flatbuffer,
                experimental_preserve_all_tensors=True,
                experimental_op_resolver_type=plain,
            )
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise ToolError(f"LiteRT refuses the float file: {error}") from error
    # Not kept: while a runner lives, the interpreter refuses to run.
    place = interpreter.get_signature_runner().get_input_details()[name]["index"]
    moving = {int(index) for op in interpreter._get_ops_details() for index in op["outputs"]}
    floats = [
        int(one["index"])
        for one in interpreter.get_tensor_details()
        if one["dtype"] is np.float32 and int(one["index"]) in {*moving, place}
    ]

    def runs() -> Iterator[list[NDArray[Any]]]:
        for picture in pictures:
            interpreter.set_tensor(place, picture)
            interpreter.invoke()
            yield [interpreter.get_tensor(index) for index in floats]

    return {int(name): sight for name, sight in sights(map(str, floats), runs()).items()}
