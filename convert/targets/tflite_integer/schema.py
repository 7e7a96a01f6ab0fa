"""TFLite's schema, as the runtime's package brings it."""

from collections.abc import Mapping
from functools import cache
from typing import Any


@cache
def schema() -> Any:
    """The classes of TFLite's FlatBuffers schema."""
    from ai_edge_litert import schema_py_generated

    return schema_py_generated


@cache
def kinds() -> Mapping[int, str]:
    """BuiltinOperator -> its name."""
    return {code: name for name, code in vars(schema().BuiltinOperator).items() if name.isupper()}


@cache
def dtypes() -> Mapping[int, str]:
    """TensorType -> numpy's name of it."""
    types = vars(schema().TensorType).items()
    return {code: name.lower() for name, code in types if name.isupper()}


def options(name: str, **values: Any) -> Any:
    """An options object of the schema, such as `Conv2DOptions`."""
    return getattr(schema(), f"{name}T")(**values)
