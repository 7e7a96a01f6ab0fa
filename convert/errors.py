"""Every fatal error of convert, with its exit code.

A message says what happened, where, what was found, and the next move. A missed gate is not an
error: it is a result, and the command line exits with 1 for it.
"""


class ConvertError(Exception):
    """What a run cannot go on from; `hint` is the next move, in one or two sentences."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ConvertError):
    """The command line, a recipe or a setting is wrong."""

    exit_code = 2


class SourceError(ConvertError):
    """A model file or a picture could not be had, or is not what it should be."""

    exit_code = 3


class UnsupportedError(ConvertError):
    """The model holds something that convert, a target or a runtime cannot express."""

    exit_code = 4


class ToolError(ConvertError):
    """An outside tool (converter, quantizer, compressor) failed."""

    exit_code = 5


class RuntimeFailure(ConvertError):
    """A runtime refused or broke on a file that was exported."""

    exit_code = 6


INTERRUPTED = 130
