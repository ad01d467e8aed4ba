"""Signed pickles of Recotem 1 to ``.spm``, offline, in the environment they were made in.

A pickle runs code when it is read. So the signature is verified first, with Recotem's
``SECRET_KEY``, and unsigned files are never opened. What comes out holds data only, and is
written only if it scores a sample of users as the recommender itself does.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import io
import json
import os
import pickle
import sys
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from .artifact import (
    Model,
    ModelFileError,
    encode_model,
    factors,
    keys_from,
    popularity,
    publish,
    read_file,
    similarity,
    utc_now,
    write_file,
)
from .artifact.cli import row_of
from .artifact.files import decode_unverified

SIGNATURE_BYTES = 32
#: Users whose scores are compared.
SAMPLE = 20
#: Largest difference, relative to the largest score: factors and weights become 32-bit.
TOLERANCE = 1e-4

_KIND_OF_SIMILARITY = {
    "RP3betaRecommender": "rp3beta",
    "P3alphaRecommender": "rp3beta",
    "SLIMRecommender": "ease",
    "DenseSLIMRecommender": "ease",
    "EDLAERecommender": "ease",
}
#: Smallest ``alpha`` and ``reg`` an artefact may hold; Recotem's default for ``alpha0`` is 0.
_SMALLEST = 1e-6


class Mapped:
    """Stands for Recotem's wrapper, wherever its module was: attributes and nothing else."""

    recommender: Any
    user_ids: Sequence[Any]
    item_ids: Sequence[Any]


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        return Mapped if name == "IDMappedRecommender" else super().find_class(module, name)


def verified_payload(data: bytes, secret: str) -> bytes:
    """The pickle of a file whose signature is right. Raises :class:`ModelFileError`."""
    if data.startswith(b"RECOTEM\0"):
        raise ModelFileError("MODEL_NOT_AN_ARTEFACT", "a file of Recotem 2: train anew from the data")
    if data[:1] == b"\x80" or len(data) <= SIGNATURE_BYTES:
        raise ModelFileError("MODEL_UNSIGNED", "an unsigned pickle; sign it with Recotem first")
    payload = data[SIGNATURE_BYTES:]
    made = hmac.new(secret.encode("utf-8"), payload, hashlib.sha256).digest()
    if not hmac.compare_digest(made, data[:SIGNATURE_BYTES]):
        raise ModelFileError("MODEL_SIGNATURE_INVALID", "not signed with this SECRET_KEY")
    return payload


def load(payload: bytes) -> Dict[str, Any]:
    """Unpickles a verified payload. Its libraries (irspack, numpy, scipy) must be importable."""
    loaded = _Unpickler(io.BytesIO(payload)).load()
    if not isinstance(loaded, dict) or not isinstance(loaded.get("id_mapped_recommender"), Mapped):
        raise ValueError("no model of Recotem: id_mapped_recommender is missing")
    return loaded


def convert(mapped: Mapped) -> Model:
    """The model in a form of ours, compared with the original. ValueError when there is none."""
    inner = mapped.recommender
    users, items = [str(one) for one in mapped.user_ids], [str(one) for one in mapped.item_ids]
    name = type(inner).__name__
    histories = _histories(inner, users, items)
    popular = _attribute(inner, "score_", "score") if name == "TopPopRecommender" else None
    embedded = _embeddings(inner, name)
    weights = _attribute(inner, "W")
    if popular is not None:
        flat = popular[0] if hasattr(popular[0], "__len__") else popular
        model = popularity(dict(zip(items, map(float, flat))), histories=histories)
    elif embedded is not None:
        model = factors(
            users,
            items,
            *embedded,
            alpha=max(float(getattr(inner, "alpha0", 1.0)), _SMALLEST),
            reg=max(float(getattr(inner, "reg", 0.01)), _SMALLEST),
            nu=float(getattr(inner, "nu", 1.0)),
            histories=histories,
        )
    elif weights is not None:
        kind = _KIND_OF_SIMILARITY.get(name, "item-knn")
        model = similarity(items, weights, kind=kind, histories=histories)
    else:
        raise ValueError(f"{name} has no form here: item weights, factors and counts have one")
    _compare(model, inner, users, items, histories)
    return model


def _embeddings(inner: Any, name: str) -> Optional[Tuple[Any, Any]]:
    """Factors of users and items, one row each; None when it is no model of factors."""
    if name == "NMFRecommender":
        components = inner.H
        turned = components.T if hasattr(components, "T") else list(zip(*components))
        return inner.W, turned
    if hasattr(inner, "get_user_embedding") and hasattr(inner, "get_item_embedding"):
        return inner.get_user_embedding(), inner.get_item_embedding()
    return None


def _histories(inner: Any, users: Sequence[str], items: Sequence[str]) -> Dict[str, Dict[str, float]]:
    given = _attribute(inner, "X_train_all", "X_all")
    if given is None:
        raise ValueError("the recommender does not hold its training matrix")
    found: Dict[str, Dict[str, float]] = {}
    for user, row in zip(users, _sparse_rows(given)):
        found[user] = {items[column]: value for column, value in row if value != 0}
    return found


def _sparse_rows(given: Any) -> List[List[Tuple[int, float]]]:
    if hasattr(given, "tocsr"):
        table = given.tocsr()
        spans = zip(table.indptr[:-1], table.indptr[1:])
        return [
            [(int(table.indices[at]), float(table.data[at])) for at in range(begin, end)]
            for begin, end in spans
        ]
    return [[(column, float(value)) for column, value in enumerate(row)] for row in given]


def _compare(
    model: Model,
    inner: Any,
    users: Sequence[str],
    items: Sequence[str],
    histories: Mapping[str, Mapping[str, float]],
) -> None:
    """Scores of unseen items, ours against the recommender's. ValueError where they differ."""
    step = max(1, len(users) // SAMPLE)
    sample = list(range(0, len(users), step))[:SAMPLE]
    place = {one: row for row, one in enumerate(sorted(items, key=lambda one: one.encode("utf-8")))}
    ours = _Scores(model)
    for user, original in zip(sample, inner.get_score(_indices(sample))):
        held = {place[item]: weight for item, weight in histories[users[user]].items()}
        mine = ours.of(users[user], held)
        largest = max((abs(float(one)) for one in original), default=0.0)
        for column, item in enumerate(items):
            if item in histories[users[user]]:
                continue
            if abs(float(original[column]) - mine[place[item]]) > TOLERANCE * max(largest, 1e-12):
                kind = type(inner).__name__
                raise ValueError(f"{kind} scores user row {user} otherwise than its numbers say")


class _Scores:
    """Scores from the tensors alone, as the gateway computes them."""

    def __init__(self, model: Model) -> None:
        self._tensors = model.tensors
        self._kind = model.kind
        self._values = {name: one.values() for name, one in model.tensors.items()}
        self._items = len(self._values["item_ids.offsets"]) - 1
        self._users: Dict[bytes, int] = {}
        blob, table = bytes(model.tensors["user_ids.bytes"].data), self._values["user_ids.offsets"]
        for row in range(len(table) - 1):
            self._users[blob[int(table[row]) : int(table[row + 1])]] = row

    def of(self, user: str, held: Mapping[int, float]) -> List[float]:
        if self._kind == "popular":
            return [float(one) for one in self._values["popularity"]]
        if self._kind == "ials":
            width = self._tensors["item_factors"].shape[1]
            at = self._users[user.encode("utf-8")] * width
            mine = self._values["user_factors"][at : at + width]
            items = self._values["item_factors"]
            return [
                sum(float(mine[d]) * float(items[row * width + d]) for d in range(width))
                for row in range(self._items)
            ]
        scores = [0.0] * self._items
        starts = self._values["neighbours.indptr"]
        columns, weights = self._values["neighbours.items"], self._values["neighbours.weights"]
        for row, weight in held.items():
            for at in range(int(starts[row]), int(starts[row + 1])):
                scores[int(columns[at])] += weight * float(weights[at])
        return scores


def _indices(rows: List[int]) -> Any:
    try:
        import numpy
    except ImportError:
        return rows
    return numpy.array(rows)


def _attribute(owner: Any, *names: str) -> Any:
    for name in names:
        found = getattr(owner, name, None)
        if found is not None:
            return found
    return None


def main(argv: Optional[List[str]] = None, environment: Optional[Mapping[str, str]] = None) -> int:
    """Converts one file; 0 done, 1 refused. Prints what the catalogue has to say about it."""
    told = os.environ if environment is None else environment
    arguments = _parser().parse_args(argv)
    try:
        answer = _run(arguments, told)
    except ModelFileError as error:
        print(json.dumps({"code": error.code, "detail": error.args[0]}), file=sys.stderr)
        return 1
    except (ValueError, OSError, ImportError, pickle.UnpicklingError) as error:
        print(json.dumps({"code": type(error).__name__, "detail": str(error)}), file=sys.stderr)
        return 1
    print(json.dumps(answer, indent=2, ensure_ascii=False))
    return 0


def _run(arguments: argparse.Namespace, environment: Mapping[str, str]) -> Dict[str, Any]:
    secret = environment.get("RECOTEM_SECRET_KEY") or environment.get("SECRET_KEY")
    if not secret:
        raise ValueError("set RECOTEM_SECRET_KEY (or SECRET_KEY) to the one that signed the file")
    key = keys_from(environment).signing_key(arguments.key_id)
    loaded = load(verified_payload(read_file(arguments.file), secret))
    mapped = loaded["id_mapped_recommender"]
    data = encode_model(
        convert(mapped),
        key,
        model_id=arguments.model_id or int(loaded.get("recotem_trained_model_id") or 0),
        project_id=arguments.project_id,
        version=arguments.version,
        created_at=utc_now(),
        metrics={
            "converted_from": "recotem",
            "algorithm": type(mapped.recommender).__name__,
            "irspack_version": str(loaded.get("irspack_version", "")),
        },
    )
    metadata = decode_unverified(data).metadata
    if arguments.out is not None:
        write_file(arguments.out, data)
        return row_of(metadata, str(arguments.out), data)
    return row_of(metadata, publish(arguments.media_root, metadata, data), data)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="signalpath.convert_recotem",
        description="Converts one signed model file of Recotem 1. Run it where Recotem runs.",
        epilog="keys: RECOTEM_SECRET_KEY (or SECRET_KEY) verifies the pickle, "
        "MODEL_SIGNING_KEYS (or SECRET_KEY) signs what is written",
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--model-id", type=int, help="as the file says, unless told")
    parser.add_argument("--project-id", type=int, required=True)
    parser.add_argument("--version", type=int, default=1)
    parser.add_argument("--key-id", help="key that signs; else the first that can")
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--out", type=Path, help="file to write")
    target.add_argument("--media-root", type=Path, help="writes <model>/<version>-<sha12>.spm below")
    return parser


if __name__ == "__main__":
    sys.exit(main())
