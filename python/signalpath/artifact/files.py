"""Artefacts as bytes and as files."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Union

from .envelope import Envelope, open_envelope, seal, split
from .errors import ModelFileError
from .keys import Key, KeyRing
from .kinds import Model
from .metadata import Metadata
from .payload import decode_payload, encode_payload
from .strings import decode_strings
from .tensors import Tensor

#: Largest file that is read, bytes.
MAX_BYTES = 512 * 1024 * 1024

PathLike = Union[str, Path]


@dataclass(frozen=True)
class Artifact:
    """A checked artefact. ``tensors`` are views over the file's bytes."""

    metadata: Metadata
    tensors: Mapping[str, Tensor] = field(repr=False)
    key_id: str
    algorithm: int
    sha256: str

    def strings(self, name: str) -> List[str]:
        """A table of strings, ``item_ids`` for instance. KeyError when there is none."""
        if f"{name}.bytes" not in self.tensors:
            raise KeyError(name)
        return decode_strings(name, self.tensors)


def encode(metadata: Metadata, tensors: Mapping[str, Tensor], key: Key) -> bytes:
    """A signed artefact. ValueError on what a reader would refuse."""
    payload = encode_payload(metadata.texts(), tensors)
    decode_payload(memoryview(payload))
    return seal(payload, key)


def encode_model(
    model: Model,
    key: Key,
    *,
    model_id: int,
    project_id: int,
    version: int,
    created_at: str,
    data_digest: Optional[str] = None,
    metrics: Optional[Mapping[str, Any]] = None,
    embedding_space: Optional[str] = None,
    parent: Optional[str] = None,
) -> bytes:
    """A signed artefact of a model built by :mod:`signalpath.artifact.kinds`.

    ``data_digest`` is the SHA-256 of the training data; without it, that of the tensors.
    """
    metadata = Metadata(
        kind=model.kind,
        model_id=model_id,
        project_id=project_id,
        version=version,
        created_at=created_at,
        data_digest=data_digest or _digest_of(model.tensors),
        rows=model.rows,
        hyperparameters=model.hyperparameters,
        metrics=metrics or {},
        embedding_space=embedding_space,
        parent=parent,
    )
    return encode(metadata, model.tensors, key)


def decode(data: bytes, keys: KeyRing) -> Artifact:
    """Verifies, then reads. Raises :class:`ModelFileError`."""
    return _artifact(data, open_envelope(data, keys))


def decode_unverified(data: bytes) -> Artifact:
    """Reads without a key, to look at; never serve what it answers."""
    return _artifact(data, split(data))


def resign(data: bytes, keys: KeyRing, key: Key) -> bytes:
    """The same payload under another signature. What does not verify is not signed."""
    envelope = open_envelope(data, keys)
    decode_payload(envelope.payload)
    return seal(bytes(envelope.payload), key)


def read_file(path: PathLike) -> bytes:
    """A whole file up to the cap. Raises ``MODEL_FILE_MISSING``, ``MODEL_TOO_LARGE``."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise ModelFileError("MODEL_FILE_MISSING", "there is no such file") from error
    if len(data) > MAX_BYTES:
        raise ModelFileError("MODEL_TOO_LARGE", f"more than {MAX_BYTES} bytes")
    return data


def artefact_path(metadata: Metadata, data: bytes) -> str:
    """Where a file belongs below the media root: ``<model_id>/<version>-<sha12>.spm``."""
    sha256 = hashlib.sha256(data).hexdigest()
    return f"{metadata.model_id}/{metadata.version}-{sha256[:12]}.spm"


def publish(root: PathLike, metadata: Metadata, data: bytes) -> str:
    """Writes an artefact where it belongs below ``root``; answers its path from there."""
    relative = artefact_path(metadata, data)
    target = Path(root, relative)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_file(target, data)
    return relative


def write_file(path: PathLike, data: bytes) -> None:
    """Writes whole or not at all: temporary file beside it, fsync, link, fsync of the folder.

    A file that exists is never changed: the same bytes are fine, others are FileExistsError.
    """
    target = Path(path)
    handle, temporary = tempfile.mkstemp(prefix=".spm-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        try:
            os.link(temporary, target)
        except FileExistsError:
            if target.read_bytes() != data:
                raise
    finally:
        os.unlink(temporary)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def describe(artifact: Artifact) -> Dict[str, Any]:
    """What ``inspect`` prints."""
    return {
        "sha256": artifact.sha256,
        "key_id": artifact.key_id,
        "metadata": artifact.metadata.texts(),
        "tensors": {
            name: {"dtype": one.dtype, "shape": list(one.shape)}
            for name, one in sorted(artifact.tensors.items())
        },
    }


def _artifact(data: bytes, envelope: Envelope) -> Artifact:
    texts, tensors = decode_payload(envelope.payload)
    sha256 = hashlib.sha256(data).hexdigest()
    metadata = Metadata.from_texts(texts)
    return Artifact(metadata, tensors, envelope.key_id, envelope.algorithm, sha256)


def _digest_of(tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name, one in sorted(tensors.items()):
        digest.update(f"{name}\0{one.dtype}\0{one.shape}\0".encode("utf-8"))
        digest.update(one.data)
    return digest.hexdigest()
