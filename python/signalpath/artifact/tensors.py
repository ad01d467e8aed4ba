"""Tensors as little-endian bytes with a dtype and a shape; numpy only where it is there."""

from __future__ import annotations

import math
import sys
from array import array
from dataclasses import dataclass, field
from typing import Any, Iterable, List, Sequence, Tuple, Union

numpy: Any = None
try:
    import numpy  # type: ignore[import-not-found,no-redef,unused-ignore]
except ImportError:
    pass  # Everything below works without it, more slowly.

#: dtype -> code of ``array``, which numpy shares but for the byte order.
CODES = {
    "F64": "d",
    "F32": "f",
    "I32": "i",
    "U32": "I",
    "I16": "h",
    "U16": "H",
    "I8": "b",
    "U8": "B",
}
SIZES = {dtype: array(code).itemsize for dtype, code in CODES.items()}

Buffer = Union[bytes, memoryview]


@dataclass(frozen=True)
class Tensor:
    """Row-major. ``data`` is little-endian and exactly as long as the shape says."""

    dtype: str
    shape: Tuple[int, ...]
    data: Buffer = field(repr=False)

    def __post_init__(self) -> None:
        if self.dtype not in CODES:
            raise ValueError(f"unknown dtype {self.dtype}")
        if len(self.data) != math.prod(self.shape) * SIZES[self.dtype]:
            raise ValueError("the data is not as long as the shape says")

    def values(self) -> Any:
        """All numbers, flat: a numpy array where numpy is there, else an ``array``."""
        if numpy is not None:
            return numpy.frombuffer(self.data, dtype="<" + _numpy_code(self.dtype))
        read = array(CODES[self.dtype])
        read.frombytes(bytes(self.data))
        if sys.byteorder == "big":
            read.byteswap()
        return read

    def rows(self) -> List[List[Any]]:
        """A matrix as lists of rows."""
        if len(self.shape) != 2:
            raise ValueError("only a matrix has rows")
        flat = self.values()
        width = self.shape[1]
        return [list(flat[row * width : (row + 1) * width]) for row in range(self.shape[0])]

    def is_finite(self) -> bool:
        """Whether no number is infinite or NaN."""
        if not self.dtype.startswith("F"):
            return True
        if numpy is not None:
            return bool(numpy.isfinite(self.values()).all())
        return all(map(math.isfinite, self.values()))


def tensor(dtype: str, shape: Sequence[int], numbers: Iterable[Any]) -> Tensor:
    """Packs numbers given flat and row-major. ValueError if one does not fit or is not finite."""
    if numpy is not None and isinstance(numbers, numpy.ndarray):
        data = numpy.ascontiguousarray(numbers, dtype="<" + _numpy_code(dtype)).tobytes()
    else:
        try:
            packed = array(CODES[dtype], numbers)
        except (OverflowError, TypeError) as error:
            raise ValueError(f"a number that is no {dtype}: {error}") from error
        if sys.byteorder == "big":
            packed.byteswap()
        data = packed.tobytes()
    made = Tensor(dtype, tuple(shape), data)
    if not made.is_finite():
        raise ValueError(f"a number that is not finite as {dtype}")
    return made


def matrix(dtype: str, rows: Any, width: int) -> Tensor:
    """A matrix from rows, a numpy array among them. ValueError when a row has another width."""
    if numpy is not None and isinstance(rows, numpy.ndarray):
        if rows.ndim != 2 or rows.shape[1] != width:
            raise ValueError(f"a matrix of {rows.shape}, not of width {width}")
        return tensor(dtype, rows.shape, rows.ravel())
    flat: List[Any] = []
    count = 0
    for row in rows:
        if len(row) != width:
            raise ValueError(f"row {count} has {len(row)} numbers, not {width}")
        flat.extend(row)
        count += 1
    return tensor(dtype, (count, width), flat)


def _numpy_code(dtype: str) -> str:
    return dtype[0].lower() + str(SIZES[dtype])
