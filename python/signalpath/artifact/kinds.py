"""Models from numbers: which tensors each kind has. The table is in packages/models."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Union

from .linear import fold_in_matrix, gram_matrix
from .sparse import Pair, mapped_rows, matrix_rows, sparse_tensors
from .strings import encode_strings, utf8_order
from .tensors import Tensor, matrix, tensor

#: What each user had: item ids, or item id -> weight above 0.
Histories = Mapping[str, Union[Iterable[str], Mapping[str, float]]]

SIMILARITY_KINDS = ("item-knn", "rp3beta", "ease")


@dataclass(frozen=True)
class Model:
    """A model before it has a number, a version and a signature."""

    kind: str
    tensors: Mapping[str, Tensor] = field(repr=False)
    #: Only what the kind reads on loading: it refuses names it does not know.
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    rows: int = 0


def popularity(counts: Mapping[str, float], *, histories: Optional[Histories] = None) -> Model:
    """Kind ``popular`` from counts (0 or more) by item id."""
    if any(count < 0 for count in counts.values()):
        raise ValueError("a count below 0")
    ids = _ordered(list(counts))
    numbers = {"popularity": tensor("F32", (len(ids),), [counts[one] for one in ids])}
    return _model("popular", ids, None, histories, numbers, {})


def similarity(
    item_ids: Sequence[str],
    weights: Any,
    *,
    kind: str = "item-knn",
    histories: Optional[Histories] = None,
) -> Model:
    """A model of item-to-item weights: score of j = sum over the user's items i of w[i][j].

    ``weights`` is a matrix in the order of ``item_ids`` (rows of numbers, a numpy array, a
    sparse matrix of scipy), or ``{item: {other: weight}}``. The diagonal is dropped: an item
    the user has is never recommended.
    """
    if kind not in SIMILARITY_KINDS:
        raise ValueError(f"kind is one of {', '.join(SIMILARITY_KINDS)}, not {kind}")
    ids = _ordered(item_ids)
    place = {one: row for row, one in enumerate(ids)}
    if isinstance(weights, Mapping):
        unknown = {one for row in weights.values() for one in row} | set(weights)
        if unknown - set(ids):
            raise ValueError(f"no item {min(unknown - set(ids))!r} in item_ids")
        rows: List[List[Pair]] = list(mapped_rows(weights, ids, place))
    else:
        moved = [place[one] for one in item_ids]
        rows = [[] for _ in ids]
        for at, row in enumerate(matrix_rows(weights, len(ids))):
            rows[moved[at]] = [(moved[column], value) for column, value in row]
    off_diagonal = ([pair for pair in row if pair[0] != at] for at, row in enumerate(rows))
    numbers = sparse_tensors("neighbours", off_diagonal)
    return _model(kind, ids, None, histories, numbers, {})


def factors(
    user_ids: Sequence[str],
    item_ids: Sequence[str],
    user_factors: Any,
    item_factors: Any,
    *,
    alpha: float = 1.0,
    reg: float = 0.01,
    nu: float = 1.0,
    fold_in: Any = None,
    histories: Optional[Histories] = None,
) -> Model:
    """Kind ``ials``: score = user factor . item factor.

    Factors are rows in the order of their ids, all of one length. ``alpha`` (weight of what was
    not observed), ``reg`` and ``nu`` (the regularisation ``reg * (n + alpha * items)^nu`` of a
    user with n items) serve people the model does not know: use those it was trained with.
    ``fold_in`` (d x d) is computed from them unless given.
    """
    for name, value, low, high in (("alpha", alpha, 1e-6, 100), ("reg", reg, 1e-6, 100), ("nu", nu, 0, 2)):
        if not low <= value <= high:
            raise ValueError(f"{name} is in {low}..{high}, not {value}")
    width = len(item_factors[0]) if len(item_factors) else 0
    if len(user_factors) != len(user_ids) or len(item_factors) != len(item_ids):
        raise ValueError("not as many factors as ids")
    if not 1 <= width <= 512:
        raise ValueError("factors of at least one item, of 1 to 512 numbers")
    users, items = _ordered(user_ids), _ordered(item_ids)
    item_tensor = matrix("F32", _moved(item_factors, utf8_order(item_ids)), width)
    numbers = {
        "item_factors": item_tensor,
        "user_factors": matrix("F32", _moved(user_factors, utf8_order(user_ids)), width),
    }
    rows = item_tensor.rows()
    gram = gram_matrix(rows)
    if fold_in is None:
        held = _history_rows(users, items, histories)
        observed = [0.0] * len(items)
        for pair in (pair for row in held for pair in row):
            observed[pair[0]] += pair[1] / max(len(users), 1)
        mean = sum(map(len, held)) / max(len(users), 1)
        ridge = reg * (mean + alpha * len(items)) ** nu
        fold_in = fold_in_matrix(gram, rows, observed, alpha, ridge)
    numbers["gram"] = matrix("F64", gram, width)
    numbers["fold_in"] = matrix("F32", fold_in, width)
    told = {"factors": width, "alpha": alpha, "reg": reg, "nu": nu}
    return _model("ials", items, users, histories, numbers, told)


def _model(
    kind: str,
    items: List[str],
    users: Optional[List[str]],
    histories: Optional[Histories],
    numbers: Dict[str, Tensor],
    hyperparameters: Mapping[str, Any],
) -> Model:
    people = _ordered(list(histories or {})) if users is None else users
    held = _history_rows(people, items, histories)
    tensors = {
        **encode_strings("item_ids", items),
        **encode_strings("user_ids", people),
        **sparse_tensors("history", held),
        **numbers,
    }
    return Model(kind, tensors, dict(hyperparameters), sum(map(len, held)))


def _history_rows(
    users: Sequence[str], items: Sequence[str], histories: Optional[Histories]
) -> List[List[Pair]]:
    given = histories or {}
    unknown = set(given) - set(users)
    if unknown:
        raise ValueError(f"no user {min(unknown)!r} in user_ids")
    place = {one: row for row, one in enumerate(items)}
    rows: List[List[Pair]] = []
    for user in users:
        held = given.get(user, {})
        weighed = held if isinstance(held, Mapping) else dict.fromkeys(held, 1.0)
        missing = [item for item in weighed if item not in place]
        if missing:
            raise ValueError(f"no item {missing[0]!r} in item_ids")
        if any(weight <= 0 for weight in weighed.values()):
            raise ValueError(f"a weight of {user!r} that is not above 0")
        rows.append([(place[item], float(weight)) for item, weight in weighed.items()])
    return rows


def _ordered(ids: Sequence[str]) -> List[str]:
    return [ids[at] for at in utf8_order(ids)]


def _moved(rows: Any, order: List[int]) -> Any:
    if hasattr(rows, "ndim"):
        return rows[order]
    return [rows[at] for at in order]
