"""The runtimes that exported files are run on."""

from convert.errors import UnsupportedError
from convert.runtimes import litert, onnxruntime, tfjs_tensorflow
from convert.runtimes.base import Runtime
from convert.vocabulary import Target

RUNTIMES: dict[str, Runtime] = {
    litert.NAME: litert,
    onnxruntime.NAME: onnxruntime,
    tfjs_tensorflow.NAME: tfjs_tensorflow,
}


def for_target(target: Target) -> Runtime:
    """The runtime that a target's files are verified on: the first of the table that takes them.

    Raises UnsupportedError where none does: a file that nothing can run is not made.
    """
    found = next((runtime for runtime in RUNTIMES.values() if target == runtime.TARGET), None)
    if found is None:
        raise UnsupportedError(
            f"no runtime takes {target} files",
            hint="Add one to the table in convert/runtimes/__init__.py.",
        )
    return found
