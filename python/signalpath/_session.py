"""One call: request, retries, and the answer as JSON."""

from __future__ import annotations

import gzip
import json
import random as random_module
import ssl
import time
import uuid
from typing import Any, Callable, Dict, Mapping, Optional
from urllib.parse import quote, urlencode, urlsplit

from ._http import Answer, Pool
from ._retry import may_retry, parse_retry_after, pause_before
from .errors import ApiError, InvalidResponse, SignalpathError, TimedOut, error_class

#: Bodies of at least this many bytes travel packed.
GZIP_BYTES = 64 * 1024

#: Services that may have an address of their own (``urls``) where they run one by one.
SERVICES = ("ingest", "recommender", "updater", "management", "inference", "experiments")


class Session:
    """Keys, addresses, connections and patience of a client. The calls are in its subclasses."""

    def __init__(
        self,
        url: str,
        write_key: Optional[str] = None,
        api_key: Optional[str] = None,
        *,
        admin_key: Optional[str] = None,
        urls: Optional[Mapping[str, str]] = None,
        timeout: float = 10.0,
        deadline: float = 60.0,
        retries: int = 4,
        tls: Optional[ssl.SSLContext] = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        random: Callable[[], float] = random_module.random,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        """
        :param url: where everything answers, or everything that ``urls`` does not name.
        :param write_key: key of a source, for events. Without it ``api_key`` is used.
        :param api_key: key with the scopes read, write, predict, as far as they are needed.
        :param admin_key: key with the scope admin, for rebuild and erase.
        :param urls: address by service, see :data:`SERVICES`.
        :param timeout: seconds for one attempt, connecting and reading included.
        :param deadline: seconds for one call with all its attempts and pauses.
        :param retries: attempts after the first one.
        """
        if timeout <= 0 or deadline <= 0 or retries < 0:
            raise ValueError("timeout and deadline are above 0, retries 0 or more")
        unknown = set(urls or {}) - set(SERVICES)
        if unknown:
            raise ValueError(f"unknown services: {', '.join(sorted(unknown))}")
        self._urls = {name: _base(one) for name, one in (urls or {}).items()}
        self._url = _base(url)
        self._write_key = write_key
        self._api_key = api_key
        self._admin_key = admin_key
        self._timeout = timeout
        self._deadline = deadline
        self._retries = retries
        self._sleep = sleep
        self._clock = clock
        self._wall_clock = wall_clock
        self._random = random
        self._new_id = new_id
        self._pool = Pool(clock, tls)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r})"

    def close(self) -> None:
        """Closes idle connections. A closed client still works, without keeping any."""
        self._pool.close()

    def _call(
        self,
        service: str,
        method: str,
        path: str,
        *,
        query: Optional[Mapping[str, object]] = None,
        body: object = None,
        key: str = "api",
        repeatable: bool = True,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
        deadline: Optional[float] = None,
    ) -> Any:
        """Answer of one call, parsed. Raises the classes of :mod:`signalpath.errors`."""
        url = self._urls.get(service, self._url) + path + _query(query)
        headers = {"Accept": "application/json", "User-Agent": "signalpath-python"}
        headers.update(self._key_header(key))
        # One id for all attempts: their log lines are found together.
        headers["X-Request-ID"] = uuid.uuid4().hex
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        data = _pack(body, headers)
        end = self._clock() + (self._deadline if deadline is None else deadline)
        limit = self._timeout if timeout is None else timeout
        attempt = 0
        while True:
            try:
                now = self._clock()
                if now >= end:
                    raise TimedOut("the deadline has passed", sent=False)
                until = min(end, now + limit)
                return self._read(
                    self._pool.exchange(
                        method, url, headers, data, until=until, fresh=not repeatable
                    )
                )
            except SignalpathError as error:
                attempt += 1
                if attempt > self._retries or not may_retry(error, repeatable):
                    raise
                asked = error.retry_after if isinstance(error, ApiError) else None
                pause = pause_before(attempt, asked, self._random)
                if self._clock() + pause >= end:
                    raise
                self._sleep(pause)

    def _read(self, answer: Answer) -> Any:
        request_id = answer.headers.get("x-request-id")
        try:
            parsed = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            if 200 <= answer.status < 400:
                what = f"{answer.status} with a body that is no JSON"
                raise InvalidResponse(what, status=answer.status, request_id=request_id) from error
            parsed = None
        if 200 <= answer.status < 300:
            return parsed
        if answer.status < 400:
            # Followed, a redirect would carry the key to wherever it points.
            what = f"{answer.status}: redirects are not followed"
            raise InvalidResponse(what, status=answer.status, request_id=request_id)
        told: Dict[str, Any] = parsed if isinstance(parsed, dict) else {}
        errors = told.get("errors")
        raise error_class(answer.status)(
            status=answer.status,
            code=str(told.get("code") or ""),
            detail=str(told.get("detail") or told.get("error") or "no detail"),
            request_id=str(told.get("request_id") or request_id or "") or None,
            errors=errors if isinstance(errors, list) else None,
            retry_after=parse_retry_after(answer.headers.get("retry-after"), self._wall_clock),
        )

    def _key_header(self, key: str) -> Dict[str, str]:
        if key == "none":
            return {}
        if key == "write" and self._write_key is not None:
            return {"X-Write-Key": self._write_key}
        found = self._api_key
        if key == "admin" and self._admin_key is not None:
            found = self._admin_key
        if found is None:
            raise ValueError(f"this call needs {_KEY_NAMES[key]}")
        return {"X-API-Key": found}


_KEY_NAMES = {"write": "write_key or api_key", "api": "api_key", "admin": "admin_key"}


def segment(text: str) -> str:
    """An id as one segment of a path."""
    if text in ("", ".", ".."):
        # Every URL parser on the way would take them for steps of the path.
        raise ValueError(f"{text!r} cannot be addressed")
    return quote(text, safe="")


def text_id(name: str, value: object) -> str:
    """An id that is text. A number is refused: it would be another id after a round trip."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is a str, not {type(value).__name__}")
    return value


def _base(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("a url begins with http:// or https:// and names a host")
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError("a url has no query, fragment or user")
    return url.rstrip("/")


def _query(query: Optional[Mapping[str, object]]) -> str:
    pairs = []
    for name, value in (query or {}).items():
        if value is None:
            continue
        pairs.append((name, str(value).lower() if isinstance(value, bool) else str(value)))
    return f"?{urlencode(pairs)}" if pairs else ""


def _pack(body: object, headers: Dict[str, str]) -> Optional[bytes]:
    if body is None:
        return None
    # ASCII: a lone surrogate has no UTF-8 form, but it has an escape.
    data = json.dumps(body, separators=(",", ":"), allow_nan=False).encode("ascii")
    headers["Content-Type"] = "application/json"
    if len(data) < GZIP_BYTES:
        return data
    headers["Content-Encoding"] = "gzip"
    return gzip.compress(data, compresslevel=5, mtime=0)
