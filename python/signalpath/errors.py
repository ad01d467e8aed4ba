"""What can go wrong between a caller and Signalpath."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Type


class SignalpathError(Exception):
    """Base of everything the client raises by itself.

    ``unsent`` is filled by :meth:`Client.batch` and its short forms: the prepared events
    (with their message ids) whose storage was not confirmed. Sending them again is safe.
    """

    unsent: List[Dict[str, Any]]

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.unsent = []


class ConnectionFailed(SignalpathError):
    """No complete answer: refused, reset, cut off. ``sent`` tells whether it may have arrived."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


class TimedOut(ConnectionFailed):
    """No complete answer within ``timeout``, or within what was left of ``deadline``."""


class InvalidResponse(SignalpathError):
    """An answer that is not the service's: no JSON, another shape, a redirect."""

    def __init__(self, message: str, *, status: int, request_id: Optional[str]) -> None:
        super().__init__(message)
        self.status = status
        self.request_id = request_id


class ApiError(SignalpathError):
    """The service said no.

    ``status`` is HTTP's, ``code`` the stable code of the body (empty when the body had none),
    ``detail`` its text, ``errors`` the fields of a 422, ``retry_after`` seconds the service
    asked to wait.
    """

    def __init__(
        self,
        *,
        status: int,
        code: str,
        detail: str,
        request_id: Optional[str],
        errors: Optional[List[Dict[str, Any]]] = None,
        retry_after: Optional[float] = None,
    ) -> None:
        super().__init__(f"{status} {code or 'without a code'}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.request_id = request_id
        self.errors = errors or []
        self.retry_after = retry_after


class BadRequest(ApiError):
    """400, 405, 413, 415, 422: the request will never be taken as it is."""


class AuthenticationFailed(ApiError):
    """401: no key, a wrong one, an expired one."""


class PermissionDenied(ApiError):
    """403: the key may not do this, or not in this project."""


class NotFound(ApiError):
    """404: no such user, item, model or path."""


class Conflict(ApiError):
    """409: something of the kind is under way or there already."""


class RateLimited(ApiError):
    """429: too much for now."""


class Unavailable(ApiError):
    """5xx: trouble of the service."""


_BY_STATUS: Dict[int, Type[ApiError]] = {
    400: BadRequest,
    401: AuthenticationFailed,
    403: PermissionDenied,
    404: NotFound,
    405: BadRequest,
    409: Conflict,
    413: BadRequest,
    415: BadRequest,
    422: BadRequest,
    429: RateLimited,
}


def error_class(status: int) -> Type[ApiError]:
    """The class an error answer is raised as."""
    return Unavailable if status >= 500 else _BY_STATUS.get(status, ApiError)
