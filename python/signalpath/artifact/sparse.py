"""Rows of (column, weight) pairs as the three tensors of a sparse matrix."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Iterator, List, Mapping, Sequence, Tuple

from .tensors import Tensor, tensor

Pair = Tuple[int, float]


def sparse_tensors(name: str, rows: Iterable[Iterable[Pair]]) -> Dict[str, Tensor]:
    """``<name>.indptr``, ``.items``, ``.weights``; pairs may come in any order, zeros go."""
    indptr = [0]
    items: List[int] = []
    weights: List[float] = []
    for row in rows:
        kept = sorted((column, weight) for column, weight in row if weight != 0)
        items.extend(column for column, _ in kept)
        weights.extend(weight for _, weight in kept)
        indptr.append(len(items))
    return {
        f"{name}.indptr": tensor("U32", (len(indptr),), indptr),
        f"{name}.items": tensor("U32", (len(items),), items),
        f"{name}.weights": tensor("F32", (len(weights),), weights),
    }


def matrix_rows(given: Any, size: int) -> Iterator[List[Pair]]:
    """Rows of a square matrix of ``size``: scipy's sparse ones, arrays, or rows of numbers."""
    if hasattr(given, "tocsr"):
        given = given.tocsr()
        given.sum_duplicates()
        _check(tuple(given.shape), size)
        for row in range(size):
            begin, end = int(given.indptr[row]), int(given.indptr[row + 1])
            columns, values = given.indices[begin:end], given.data[begin:end]
            yield [(int(column), float(value)) for column, value in zip(columns, values)]
        return
    _check((len(given),), size)
    for row in given:
        _check((len(row),), size)
        yield [(column, float(value)) for column, value in enumerate(row) if value != 0]


def mapped_rows(
    given: Mapping[str, Mapping[str, float]], ids: Sequence[str], place: Mapping[str, int]
) -> Iterator[List[Pair]]:
    """Rows of ``{item: {other item: weight}}`` in the order of ``ids``."""
    for one in ids:
        yield [(place[other], float(weight)) for other, weight in given.get(one, {}).items()]


def _check(shape: Tuple[int, ...], size: int) -> None:
    if any(length != size for length in shape):
        raise ValueError(f"a matrix of {shape}, not of {size} x {size}")
