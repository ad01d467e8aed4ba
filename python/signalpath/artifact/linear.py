"""The little linear algebra an artefact of factors needs; numpy where it is there."""

from __future__ import annotations

from typing import Any, List, Sequence

from .tensors import numpy

Matrix = List[List[float]]


def gram_matrix(rows: Sequence[Sequence[float]]) -> Any:
    """V'V of the rows of V, in double precision."""
    return _weighed(rows, [1.0] * len(rows))


def fold_in_matrix(
    gram: Any, rows: Sequence[Sequence[float]], observed: Sequence[float], alpha: float, ridge: float
) -> Any:
    """W with which ``W * sum(w v)`` is about the factor of anyone.

    The solution of iALS for one user is ``(alpha G + sum(w v v') + ridge 1)^-1 sum(w v)``;
    W takes the mean of the middle term over all users: ``observed`` is each item's weight a
    user.
    """
    seen = _weighed(rows, observed)
    width = len(gram)
    whole = [
        [alpha * gram[i][j] + seen[i][j] + (ridge if i == j else 0.0) for j in range(width)]
        for i in range(width)
    ]
    return invert(whole)


def invert(matrix: Sequence[Sequence[float]]) -> Any:
    """Inverse of a symmetric positive definite matrix. ValueError when it is none."""
    if numpy is not None:
        try:
            numpy.linalg.cholesky(matrix)
        except numpy.linalg.LinAlgError as error:
            raise ValueError("the matrix is not positive definite") from error
        return numpy.linalg.inv(numpy.asarray(matrix, dtype="f8"))
    lower = _cholesky(matrix)
    size = len(lower)
    columns = [_solve(lower, [float(i == j) for i in range(size)]) for j in range(size)]
    return [[columns[j][i] for j in range(size)] for i in range(size)]


def _weighed(rows: Sequence[Sequence[float]], weights: Sequence[float]) -> Any:
    if numpy is not None:
        stacked = numpy.asarray(rows, dtype="f8")
        return (stacked * numpy.asarray(weights)[:, None]).T @ stacked
    width = len(rows[0])
    total = [[0.0] * width for _ in range(width)]
    for row, weight in zip(rows, weights):
        if weight == 0:
            continue
        for i in range(width):
            left, target = weight * row[i], total[i]
            for j in range(i + 1):
                target[j] += left * row[j]
    for i in range(width):
        for j in range(i):
            total[j][i] = total[i][j]
    return total


def _cholesky(matrix: Sequence[Sequence[float]]) -> Matrix:
    size = len(matrix)
    lower = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] - sum(lower[i][k] * lower[j][k] for k in range(j))
            if i != j:
                lower[i][j] = rest / lower[j][j]
            elif rest > 0:
                lower[i][i] = rest**0.5
            else:
                raise ValueError("the matrix is not positive definite")
    return lower


def _solve(lower: Matrix, right: List[float]) -> List[float]:
    size = len(lower)
    for i in range(size):
        right[i] = (right[i] - sum(lower[i][k] * right[k] for k in range(i))) / lower[i][i]
    for i in reversed(range(size)):
        later = sum(lower[k][i] * right[k] for k in range(i + 1, size))
        right[i] = (right[i] - later) / lower[i][i]
    return right
