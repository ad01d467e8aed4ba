"""What the header of an artefact says about the model."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Dict, Mapping, Optional

from .errors import ModelFileError
from .payload import canonical

SCHEMA = "1"
MAX_NUMBER = 2**53 - 1

_KIND = re.compile(r"[a-z0-9-]{1,32}\Z")
_NUMBER = re.compile(r"(0|[1-9][0-9]{0,15})\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")
_PARENT = re.compile(r"[1-9][0-9]{0,15}/[1-9][0-9]{0,15}\Z")
_OPTIONAL = ("embedding_space", "parent", "git_version")


@dataclass(frozen=True)
class Metadata:
    """Numbers are 1 .. 2^53-1, ``rows`` may be 0; ``data_digest`` is SHA-256 in hex."""

    kind: str
    model_id: int
    project_id: int
    version: int
    created_at: str
    data_digest: str
    rows: int
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    embedding_space: Optional[str] = None
    parent: Optional[str] = None
    git_version: Optional[str] = None

    def __post_init__(self) -> None:
        if not _KIND.match(self.kind):
            raise ValueError(f"{self.kind!r} is no kind")
        for name in ("model_id", "project_id", "version", "rows"):
            value = getattr(self, name)
            if type(value) is not int or not (name != "rows") <= value <= MAX_NUMBER:
                raise ValueError(f"{name} is {value!r}")
        if not _TIME.match(self.created_at):
            raise ValueError(f"created_at is {self.created_at!r}, not UTC with milliseconds")
        datetime.strptime(self.created_at, "%Y-%m-%dT%H:%M:%S.%fZ")
        if not _DIGEST.match(self.data_digest):
            raise ValueError("data_digest is no SHA-256 in lower-case hex")
        if self.parent is not None and not _PARENT.match(self.parent):
            raise ValueError(f"parent is {self.parent!r}, not <model_id>/<version>")

    def texts(self) -> Dict[str, str]:
        """As the header holds it: strings."""
        texts = {
            "schema": SCHEMA,
            "kind": self.kind,
            "model_id": str(self.model_id),
            "project_id": str(self.project_id),
            "version": str(self.version),
            "created_at": self.created_at,
            "data_digest": self.data_digest,
            "rows": str(self.rows),
            "hyperparameters": canonical(dict(self.hyperparameters)),
            "metrics": canonical(dict(self.metrics)),
        }
        more = {name: getattr(self, name) for name in _OPTIONAL}
        texts.update({name: value for name, value in more.items() if value is not None})
        return texts

    @classmethod
    def from_texts(cls, texts: Mapping[str, str]) -> "Metadata":
        """Reads a header. Unknown keys are ignored. Raises ``MODEL_HEADER_INVALID``."""
        if texts.get("schema") != SCHEMA:
            raise _invalid(f"schema {texts.get('schema')!r}")
        try:
            return cls(
                kind=texts["kind"],
                model_id=_number(texts["model_id"]),
                project_id=_number(texts["project_id"]),
                version=_number(texts["version"]),
                created_at=texts["created_at"],
                data_digest=texts["data_digest"],
                rows=_number(texts["rows"]),
                hyperparameters=_object(texts["hyperparameters"]),
                metrics=_object(texts["metrics"]),
                **{name: texts[name] for name in _OPTIONAL if name in texts},
            )
        except KeyError as error:
            raise _invalid(f"metadata {error} is missing") from error
        except ValueError as error:
            raise _invalid(str(error)) from error


def utc_now() -> str:
    """The present moment as ``created_at`` wants it."""
    text = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _number(text: str) -> int:
    if not _NUMBER.match(text):
        raise ValueError(f"{text!r} is no whole number")
    return int(text)


def _object(text: str) -> Dict[str, Any]:
    try:
        value = json.loads(text, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("JSON that is nested too deep") from error
    if not isinstance(value, dict):
        raise ValueError("hyperparameters and metrics are JSON objects")
    return value


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def _invalid(why: str) -> ModelFileError:
    return ModelFileError("MODEL_HEADER_INVALID", why)
