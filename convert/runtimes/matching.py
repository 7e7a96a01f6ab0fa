"""Whether the tensors of a loaded file are what its signature says they are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from convert.errors import RuntimeFailure
from convert.signature import TensorSpec

Tensor = TypeVar("Tensor")


def named(found: Mapping[str, Tensor], spec: TensorSpec, path: Path) -> Tensor:
    """The file's tensor of the signature's name. Raises RuntimeFailure where there is none."""
    if spec.name not in found:
        names = ", ".join(found)
        raise RuntimeFailure(f"{path} has no tensor {spec.name!r}; it has {names}")
    return found[spec.name]


def require(spec: TensorSpec, path: Path, *, dtype: str, shape: Sequence[object]) -> None:
    """Raise RuntimeFailure where the file's dtype or shape is not the signature's.

    A length that is no int (a name, None, -1) is a free dimension of the file.
    """
    if dtype != spec.dtype or not _fits(shape, spec.shape):
        raise RuntimeFailure(
            f"{path}: tensor {spec.name!r} is {dtype} {list(shape)}, "
            f"but its signature says {spec.dtype} {list(spec.shape)}"
        )


def _fits(shape: Sequence[object], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        want is None or not isinstance(found, int) or found in (-1, want)
        for found, want in zip(shape, wanted, strict=True)
    )
