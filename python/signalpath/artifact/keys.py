"""Signing keys: what ``MODEL_SIGNING_KEYS`` holds, or what ``SECRET_KEY`` stands for."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional

from .errors import ModelFileError

HMAC_SHA256 = 1
ED25519 = 2
SIGNATURE_BYTES = {HMAC_SHA256: 32, ED25519: 64}

_PRIVATE_DER = bytes.fromhex("302e020100300506032b657004220420")
_PUBLIC_DER = bytes.fromhex("302a300506032b6570032100")
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")


@dataclass(frozen=True)
class Key:
    """One key. ``material`` is the HMAC secret or the DER text, and is never printed."""

    key_id: str
    algorithm: int
    can_sign: bool
    material: bytes = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """Signature over the message. A public key raises ValueError."""
        if not self.can_sign:
            raise ValueError(f"key {self.key_id} can verify only")
        if self.algorithm == HMAC_SHA256:
            return hmac.new(self.material, message, hashlib.sha256).digest()
        loaded = _cryptography().load_der_private_key(self.material, password=None)
        signed: bytes = loaded.sign(message)
        return signed

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether this key made the signature; HMAC is compared in constant time."""
        if self.algorithm == HMAC_SHA256:
            made = hmac.new(self.material, message, hashlib.sha256).digest()
            return hmac.compare_digest(made, signature)
        serialization = _cryptography()
        if self.can_sign:
            public = serialization.load_der_private_key(self.material, password=None).public_key()
        else:
            public = serialization.load_der_public_key(self.material)
        from cryptography.exceptions import InvalidSignature

        try:
            public.verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class KeyRing:
    """Keys by id, in the order given. The first that can sign is the one that signs."""

    keys: Mapping[str, Key]

    def find(self, key_id: str) -> Optional[Key]:
        return self.keys.get(key_id)

    def signing_key(self, key_id: Optional[str] = None) -> Key:
        """The key that signs, or the one of that id. ValueError when there is none."""
        for key in self.keys.values():
            if key.can_sign and key_id in (None, key.key_id):
                return key
        raise ValueError("no key that can sign" + (f" with the id {key_id}" if key_id else ""))


def parse_keys(text: str) -> KeyRing:
    """Reads ``kid:base64,kid:base64``. ValueError, without the key's text, on anything else."""
    found: Dict[str, Key] = {}
    for part in text.split(","):
        key_id, colon, encoded = part.strip().partition(":")
        if colon == "" or not _KEY_ID.match(key_id):
            raise ValueError("a signing key is kid:base64, kid of A-Z a-z 0-9 . _ -")
        if key_id in found:
            raise ValueError(f"signing key {key_id} is there twice")
        found[key_id] = _key_of(key_id, _decoded(key_id, encoded))
    return KeyRing(found)


def derive_key(secret: str) -> Key:
    """The HMAC key that stands for ``SECRET_KEY`` where no signing keys are set.

    HKDF-SHA256 (RFC 5869), no salt, info ``model-signing``, 32 bytes.
    """
    extracted = hmac.new(bytes(32), secret.encode("utf-8"), hashlib.sha256).digest()
    derived = hmac.new(extracted, b"model-signing\x01", hashlib.sha256).digest()
    key_id = "secret-" + hashlib.sha256(derived).hexdigest()[:8]
    return Key(key_id, HMAC_SHA256, True, derived)


def keys_from(environment: Mapping[str, str]) -> KeyRing:
    """Keys of an environment: ``MODEL_SIGNING_KEYS``, else ``SECRET_KEY``, else ValueError."""
    if environment.get("MODEL_SIGNING_KEYS"):
        return parse_keys(environment["MODEL_SIGNING_KEYS"])
    if environment.get("SECRET_KEY"):
        key = derive_key(environment["SECRET_KEY"])
        return KeyRing({key.key_id: key})
    raise ValueError("set MODEL_SIGNING_KEYS or SECRET_KEY")


def _decoded(key_id: str, encoded: str) -> bytes:
    try:
        material = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"signing key {key_id} is no base64") from error
    if base64.b64encode(material).decode("ascii") != encoded:
        raise ValueError(f"signing key {key_id} is no standard base64 with padding")
    return material


def _key_of(key_id: str, material: bytes) -> Key:
    if len(material) == 48 and material.startswith(_PRIVATE_DER):
        return Key(key_id, ED25519, True, material)
    if len(material) == 44 and material.startswith(_PUBLIC_DER):
        return Key(key_id, ED25519, False, material)
    if 32 <= len(material) <= 128 and not material.startswith((_PRIVATE_DER, _PUBLIC_DER)):
        return Key(key_id, HMAC_SHA256, True, material)
    raise ValueError(
        f"signing key {key_id}: an HMAC secret of 32 to 128 bytes, or DER of an Ed25519 key"
    )


def _cryptography() -> Any:
    try:
        from cryptography.hazmat.primitives import serialization
    except ImportError as error:
        raise ModelFileError(
            "MODEL_CHECK_FAILED",
            "Ed25519 needs the package cryptography: pip install 'signalpath[ed25519]'",
        ) from error
    return serialization
