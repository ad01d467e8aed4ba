"""The signed envelope around a payload: ``SPM1``, key id, signature, length, payload."""

from __future__ import annotations

import hashlib
import re
import struct
from dataclasses import dataclass

from .errors import ModelFileError
from .keys import HMAC_SHA256, SIGNATURE_BYTES, Key, KeyRing

MAGIC = b"SPM1"
_KEY_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}\Z")


@dataclass(frozen=True)
class Envelope:
    """Parts of a file, unverified."""

    algorithm: int
    key_id: str
    signature: bytes
    head: bytes
    payload: memoryview

    def message(self) -> bytes:
        """What the signature is over."""
        return _message(self.head, self.payload)


def seal(payload: bytes, key: Key) -> bytes:
    """The whole file."""
    name = key.key_id.encode("ascii")
    head = MAGIC + bytes((key.algorithm, len(name))) + name
    signature = key.sign(_message(head, memoryview(payload)))
    sizes = struct.pack("<H", len(signature)), struct.pack("<Q", len(payload))
    return b"".join((head, sizes[0], signature, sizes[1], payload))


def split(data: bytes) -> Envelope:
    """Takes a file apart without believing it. Raises :class:`ModelFileError`."""
    if data[:4] != MAGIC:
        if MAGIC.startswith(data):
            raise _truncated()
        if data[:1] == b"\x80":
            raise ModelFileError("MODEL_UNSIGNED", "a bare pickle")
        raise ModelFileError("MODEL_NOT_AN_ARTEFACT", "the file does not begin with SPM1")
    if len(data) < 6:
        raise _truncated()
    algorithm, length = data[4], data[5]
    if algorithm == 0:
        raise ModelFileError("MODEL_UNSIGNED", "the file is not signed")
    if algorithm not in SIGNATURE_BYTES:
        raise ModelFileError("MODEL_ALGORITHM_UNKNOWN", f"signature algorithm {algorithm}")
    at = 6 + length
    if len(data) < at + 2:
        raise _truncated()
    name = data[6:at]
    (signed,) = struct.unpack_from("<H", data, at)
    if length == 0 or signed == 0:
        raise ModelFileError("MODEL_UNSIGNED", "the file is not signed")
    if not _KEY_ID.match(name):
        raise ModelFileError("MODEL_KEY_UNKNOWN", "a key id of other characters")
    if signed != SIGNATURE_BYTES[algorithm]:
        raise ModelFileError("MODEL_SIGNATURE_INVALID", f"a signature of {signed} bytes")
    begin = at + 2 + signed + 8
    if len(data) < begin:
        raise _truncated()
    (size,) = struct.unpack_from("<Q", data, begin - 8)
    if len(data) != begin + size:
        raise _truncated()
    signature = data[at + 2 : at + 2 + signed]
    return Envelope(algorithm, name.decode("ascii"), signature, data[:at], memoryview(data)[begin:])


def open_envelope(data: bytes, keys: KeyRing) -> Envelope:
    """Takes a file apart and verifies it. Raises :class:`ModelFileError`."""
    envelope = split(data)
    key = keys.find(envelope.key_id)
    if key is None:
        raise ModelFileError("MODEL_KEY_UNKNOWN", f"no key with the id {envelope.key_id}")
    # A public key is no secret: taken for one, anybody could sign with it.
    if key.algorithm != envelope.algorithm:
        raise ModelFileError("MODEL_SIGNATURE_INVALID", "the key is of another algorithm")
    if not key.verifies(envelope.message(), envelope.signature):
        raise ModelFileError("MODEL_SIGNATURE_INVALID", "the signature is not that of the file")
    return envelope


def algorithm_name(algorithm: int) -> str:
    return "hmac-sha256" if algorithm == HMAC_SHA256 else "ed25519"


def _message(head: bytes, payload: memoryview) -> bytes:
    return head + struct.pack("<Q", len(payload)) + hashlib.sha256(payload).digest()


def _truncated() -> ModelFileError:
    return ModelFileError("MODEL_TRUNCATED", "a length says more, or less, than there is")
