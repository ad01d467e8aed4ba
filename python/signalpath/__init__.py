"""Signalpath from Python: a client, profile features, model artefacts. Standard library only."""

from __future__ import annotations

from .client import Client
from .errors import (
    ApiError,
    AuthenticationFailed,
    BadRequest,
    Conflict,
    ConnectionFailed,
    InvalidResponse,
    NotFound,
    PermissionDenied,
    RateLimited,
    SignalpathError,
    TimedOut,
    Unavailable,
)
from .features import PROFILE_FEATURES, ProfileFeature, feature_names

__all__ = [
    "PROFILE_FEATURES",
    "ApiError",
    "AuthenticationFailed",
    "BadRequest",
    "Client",
    "Conflict",
    "ConnectionFailed",
    "InvalidResponse",
    "NotFound",
    "PermissionDenied",
    "ProfileFeature",
    "RateLimited",
    "SignalpathError",
    "TimedOut",
    "Unavailable",
    "feature_names",
]
__version__ = "0.1.0"
