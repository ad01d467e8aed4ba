"""The payload: a safetensors file with canonical header and tensors at multiples of 64."""

from __future__ import annotations

import json
import math
import re
import struct
from typing import Any, Dict, List, Mapping, Tuple

from .errors import ModelFileError
from .strings import decode_strings, table_names
from .tensors import SIZES, Tensor

ALIGNMENT = 64
MAX_HEADER_BYTES = 1_048_576
MAX_TENSORS = 256

_TENSOR_NAME = re.compile(r"[a-z][a-z0-9_.]{0,63}\Z")
_PAD_NAME = re.compile(r"_pad\.(0|[1-9][0-9]*)\Z")
_METADATA_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")


def canonical(value: Any) -> str:
    """JSON without white space or needless escapes, as ``JSON.stringify`` writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def encode_payload(metadata: Mapping[str, str], tensors: Mapping[str, Tensor]) -> bytes:
    """Tensors in name order, so that equal models are equal bytes. ValueError on a bad name."""
    for name in metadata:
        if not _METADATA_NAME.match(name):
            raise ValueError(f"{name!r} is no name of metadata")
    header: Dict[str, Any] = {"__metadata__": dict(metadata)}
    pieces: List[bytes] = []
    at = 0
    if len(tensors) > MAX_TENSORS:
        raise ValueError(f"at most {MAX_TENSORS} tensors")
    pads = 0
    for name, one in sorted(tensors.items()):
        if not _TENSOR_NAME.match(name):
            raise ValueError(f"{name!r} is no name of a tensor")
        gap = -at % ALIGNMENT
        if gap:
            header[f"_pad.{pads}"] = _entry("U8", [gap], at, at + gap)
            pieces.append(bytes(gap))
            at += gap
            pads += 1
        size = len(one.data)
        header[name] = _entry(one.dtype, list(one.shape), at, at + size)
        pieces.append(bytes(one.data))
        at += size
    text = canonical(header).encode("utf-8")
    text += b" " * (-(8 + len(text)) % ALIGNMENT)
    if len(text) > MAX_HEADER_BYTES:
        raise ValueError(f"a header of {len(text)} bytes, at most {MAX_HEADER_BYTES}")
    return b"".join((struct.pack("<Q", len(text)), text, *pieces))


def decode_payload(payload: memoryview) -> Tuple[Dict[str, str], Dict[str, Tensor]]:
    """Metadata and tensors, every rule of the format checked. Raises :class:`ModelFileError`."""
    header, begin = _header(payload)
    metadata = header.pop("__metadata__", None)
    _check_metadata(metadata)
    data = payload[begin:]
    if sum(not name.startswith("_pad.") for name in header) > MAX_TENSORS:
        raise _header_error(f"more than {MAX_TENSORS} tensors")
    read = sorted((_span(name, entry) for name, entry in header.items()), key=lambda one: one[2:4])
    tensors: Dict[str, Tensor] = {}
    at = 0
    for name, dtype, start, end, shape in read:
        if start != at or end > len(data):
            raise _bounds(f"{name} does not begin where the one before it ends")
        if end - start != math.prod(shape) * SIZES[dtype]:
            raise _bounds(f"{name} is not as long as its shape says")
        at = end
        if name.startswith("_pad."):
            small = dtype == "U8" and len(shape) == 1 and 1 <= shape[0] < ALIGNMENT
            if not small or any(data[start:end]):
                raise _bounds(f"{name} is no padding")
            continue
        if start % ALIGNMENT:
            raise _bounds(f"{name} begins at no multiple of {ALIGNMENT}")
        tensors[name] = Tensor(dtype, shape, data[start:end])
    if at != len(data):
        raise _bounds("the tensors do not cover the data")
    for name, one in tensors.items():
        if not one.is_finite():
            raise ModelFileError("MODEL_NOT_FINITE", f"{name} holds a number that is not finite")
    for name in table_names(tensors):
        decode_strings(name, tensors)
    return dict(metadata), tensors


def _header(payload: memoryview) -> Tuple[Dict[str, Any], int]:
    if len(payload) < 8:
        raise _header_error("the payload is shorter than the length of its header")
    (length,) = struct.unpack_from("<Q", payload, 0)
    if not 2 <= length <= MAX_HEADER_BYTES or 8 + length > len(payload):
        raise _header_error(f"a header of {length} bytes")
    if (8 + length) % ALIGNMENT:
        raise _header_error(f"the data begins at no multiple of {ALIGNMENT}")
    try:
        text = bytes(payload[8 : 8 + length]).decode("utf-8").rstrip(" ")
        header = json.loads(text)
        # Equal again only without duplicate keys, white space, 1.0, 1e3 and needless escapes.
        same = canonical(header) == text
    except (ValueError, RecursionError) as error:
        raise _header_error("the header is no JSON") from error
    if not isinstance(header, dict) or not same:
        raise _header_error("the header is no canonical JSON object")
    return header, 8 + length


def _check_metadata(metadata: Any) -> None:
    if not isinstance(metadata, dict):
        raise _header_error("there is no __metadata__")
    for name, value in metadata.items():
        if not _METADATA_NAME.match(name) or not isinstance(value, str):
            raise _header_error(f"metadata {name!r}")


def _span(name: str, entry: Any) -> Tuple[str, str, int, int, Tuple[int, ...]]:
    if not (_TENSOR_NAME.match(name) or _PAD_NAME.match(name)):
        raise _header_error(f"{name!r} is no name of a tensor")
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise _header_error(f"{name} has other fields than dtype, shape, data_offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in SIZES:
        raise _header_error(f"{name} is of the dtype {dtype!r}")
    if not isinstance(shape, list) or len(shape) > 4 or not all(map(_is_size, shape)):
        raise _header_error(f"{name} has no shape")
    if not isinstance(offsets, list) or len(offsets) != 2:
        raise _header_error(f"{name} has no offsets")
    if not all(type(one) is int and 0 <= one < 2**53 for one in offsets):
        raise _header_error(f"{name} has offsets that are no counts")
    if offsets[0] > offsets[1]:
        raise _bounds(f"{name} ends before it begins")
    return name, dtype, offsets[0], offsets[1], tuple(shape)


def _is_size(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**32


def _entry(dtype: str, shape: List[int], begin: int, end: int) -> Dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def _header_error(why: str) -> ModelFileError:
    return ModelFileError("MODEL_HEADER_INVALID", why)


def _bounds(why: str) -> ModelFileError:
    return ModelFileError("MODEL_BOUNDS_INVALID", why)
