"""Tables of strings: one UTF-8 blob and where each begins."""

from __future__ import annotations

from typing import Dict, List, Mapping, Sequence

from .errors import ModelFileError
from .tensors import Tensor, tensor


def utf8_order(strings: Sequence[str]) -> List[int]:
    """Positions of the strings, ascending by UTF-8 bytes. ValueError on one that is there twice."""
    keyed = sorted(range(len(strings)), key=lambda at: strings[at].encode("utf-8"))
    for left, right in zip(keyed, keyed[1:]):
        if strings[left] == strings[right]:
            raise ValueError(f"{strings[left]!r} is there twice")
    return keyed


def encode_strings(name: str, strings: Sequence[str]) -> Dict[str, Tensor]:
    """The two tensors of a table. A string with a lone surrogate is a UnicodeEncodeError."""
    parts = [text.encode("utf-8") for text in strings]
    offsets = [0]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    blob = b"".join(parts)
    return {
        f"{name}.bytes": Tensor("U8", (len(blob),), blob),
        f"{name}.offsets": tensor("U32", (len(offsets),), offsets),
    }


def decode_strings(name: str, tensors: Mapping[str, Tensor]) -> List[str]:
    """Strings of a table, checked. Raises :class:`ModelFileError` ``MODEL_STRINGS_INVALID``."""
    blob = tensors.get(f"{name}.bytes")
    table = tensors.get(f"{name}.offsets")
    if blob is None or table is None:
        raise _invalid(name, "one half is missing")
    if (blob.dtype, table.dtype) != ("U8", "U32") or len(blob.shape) != 1 or len(table.shape) != 1:
        raise _invalid(name, "its tensors are of another dtype or shape")
    offsets = [int(offset) for offset in table.values()]
    raw = bytes(blob.data)
    if not offsets or offsets[0] != 0 or offsets[-1] != len(raw):
        raise _invalid(name, "its offsets do not cover its bytes")
    if any(left > right for left, right in zip(offsets, offsets[1:])):
        raise _invalid(name, "its offsets fall")
    parts = [raw[begin:end] for begin, end in zip(offsets, offsets[1:])]
    if name.endswith("_ids") and any(left >= right for left, right in zip(parts, parts[1:])):
        raise _invalid(name, "its strings are not strictly ascending")
    try:
        return [part.decode("utf-8") for part in parts]
    except UnicodeDecodeError as error:
        raise _invalid(name, "a string is no UTF-8") from error


def table_names(tensors: Mapping[str, Tensor]) -> List[str]:
    """Names of all tables of strings."""
    halves = (".bytes", ".offsets")
    return sorted({name.rpartition(".")[0] for name in tensors if name.endswith(halves)})


def _invalid(name: str, why: str) -> ModelFileError:
    return ModelFileError("MODEL_STRINGS_INVALID", f"table {name}: {why}")
