"""Model artefacts (``.spm``): a signed envelope around safetensors, data only.

Build a model (:func:`popularity`, :func:`similarity`, :func:`factors`), sign it
(:func:`encode_model`), put it where the gateway looks (:func:`publish`), read one
(:func:`decode`). The command line is ``python -m signalpath.artifact``.
"""

from __future__ import annotations

from .errors import ModelFileError
from .files import (
    Artifact,
    artefact_path,
    decode,
    decode_unverified,
    encode,
    encode_model,
    publish,
    read_file,
    resign,
    write_file,
)
from .keys import Key, KeyRing, derive_key, keys_from, parse_keys
from .kinds import Model, factors, popularity, similarity
from .metadata import Metadata, utc_now
from .tensors import Tensor, matrix, tensor

__all__ = [
    "Artifact",
    "Key",
    "KeyRing",
    "Metadata",
    "Model",
    "ModelFileError",
    "Tensor",
    "artefact_path",
    "decode",
    "decode_unverified",
    "derive_key",
    "encode",
    "encode_model",
    "factors",
    "keys_from",
    "matrix",
    "parse_keys",
    "popularity",
    "publish",
    "read_file",
    "resign",
    "similarity",
    "tensor",
    "utc_now",
    "write_file",
]
