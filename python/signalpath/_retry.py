"""When a request is sent again, and after which pause."""

from __future__ import annotations

import ssl
from email.utils import parsedate_to_datetime
from typing import Callable, Optional

from .errors import ApiError, ConnectionFailed, SignalpathError

#: First pause, doubled with each attempt, seconds.
BASE_SECONDS = 0.2
#: Longest pause that is chosen here; the service may ask for a longer one.
MAX_SECONDS = 10.0
#: Answers that say "not now". 500 is no such answer: the same request would meet it again.
RETRIED_STATUS = frozenset({429, 502, 503, 504})


def may_retry(error: SignalpathError, repeatable: bool) -> bool:
    """Whether sending again is safe and may help.

    A repeatable request has the same effect once or twice. Another one is repeated only if it
    did not arrive, or if the service itself (429, 503) refused to take it.
    """
    if isinstance(error, ConnectionFailed):
        if isinstance(error.__cause__, ssl.SSLCertVerificationError):
            return False  # It will be the same certificate.
        return repeatable or not error.sent
    if isinstance(error, ApiError):
        return error.status in (RETRIED_STATUS if repeatable else (429, 503))
    return False


def pause_before(attempt: int, retry_after: Optional[float], random: Callable[[], float]) -> float:
    """Seconds to wait before attempt ``attempt`` (the first retry is 1).

    Exponential backoff with full jitter: uniform in [0, min(cap, base * 2^(attempt - 1))]. What
    the service asked for is never undercut, and spread a little, so that callers who were
    refused together do not come back together.
    """
    jitter = random() * min(MAX_SECONDS, BASE_SECONDS * 2.0 ** (attempt - 1))
    return jitter if retry_after is None else retry_after + min(jitter, 1.0)


def parse_retry_after(text: Optional[str], wall_clock: Callable[[], float]) -> Optional[float]:
    """Seconds from a ``Retry-After`` header, which holds seconds or a date; None if neither."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    return max(0.0, when.timestamp() - wall_clock())
