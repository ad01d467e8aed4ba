"""Keep-alive HTTP/1.1 over the standard library, with a limit on each exchange as a whole."""

from __future__ import annotations

import http.client
import io
import os
import socket
import ssl
import threading
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple, cast
from urllib.parse import SplitResult, urlsplit

from .errors import ConnectionFailed, TimedOut

Clock = Callable[[], float]

#: An idle connection older than this is not used again, seconds.
IDLE_SECONDS = 30.0
#: Idle connections kept for one origin.
MAX_IDLE = 16


@dataclass(frozen=True)
class Answer:
    """Status, headers with lower-case names, whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _TimedReader(io.RawIOBase):
    """Reads with what is left of the exchange's time, not with a fresh timeout a piece."""

    def __init__(self, raw: Any, arm: Callable[[], None]) -> None:
        self._raw = raw
        self._arm = arm

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Optional[int]:
        self._arm()
        count: Optional[int] = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _TimedSocket:
    """What ``http.client`` needs of a socket; every wait ends at ``until``."""

    def __init__(self, plain: socket.socket, clock: Clock) -> None:
        self._plain = plain
        self._clock = clock
        self.until = 0.0

    def _arm(self) -> None:
        left = self.until - self._clock()
        if left <= 0:
            raise socket.timeout("timed out")
        self._plain.settimeout(left)

    def sendall(self, data: bytes) -> None:
        self._arm()
        self._plain.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        raw = self._plain.makefile("rb", buffering=0)
        return io.BufferedReader(_TimedReader(raw, self._arm))

    def close(self) -> None:
        self._plain.close()


@dataclass
class _Idle:
    connection: http.client.HTTPConnection
    since: float


class Pool:
    """Connections of one client. Safe to share between threads; a fork starts with none."""

    def __init__(self, clock: Clock, tls: Optional[ssl.SSLContext] = None) -> None:
        self._clock = clock
        self._tls = tls
        self._lock = threading.Lock()
        self._idle: Dict[Tuple[str, str], List[_Idle]] = {}
        self._pid = os.getpid()
        self._closed = False

    def exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Optional[bytes],
        *,
        until: float,
        fresh: bool = False,
    ) -> Answer:
        """Sends one request and reads its whole answer before ``until`` (by the clock).

        A kept connection that the other side closed meanwhile is replaced once, unless the
        request asks for a ``fresh`` one: only those that may be repeated go on kept ones.
        Raises :class:`ConnectionFailed` or :class:`TimedOut`.
        """
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        if not fresh:
            kept = self._take(parts)
            if kept is not None:
                try:
                    return self._send(kept, parts, method, target, headers, body, until)
                except ConnectionFailed as error:
                    if isinstance(error, TimedOut):
                        raise
        opened = self._open(parts, until)
        return self._send(opened, parts, method, target, headers, body, until)

    def close(self) -> None:
        """Closes what is idle; connections in use close when they come back."""
        with self._lock:
            self._closed = True
            idle = [one.connection for many in self._idle.values() for one in many]
            self._idle.clear()
        for connection in idle:
            connection.close()

    def _open(self, parts: SplitResult, until: float) -> http.client.HTTPConnection:
        left = until - self._clock()
        if left <= 0:
            raise TimedOut("no time left to connect", sent=False)
        host = parts.hostname or ""
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(
                host, parts.port, timeout=left, context=self._tls
            )
        else:
            connection = http.client.HTTPConnection(host, parts.port, timeout=left)
        try:
            connection.connect()
        except socket.timeout as error:
            connection.close()
            raise TimedOut(f"connecting to {parts.netloc} took too long", sent=False) from error
        except OSError as error:
            connection.close()
            raise ConnectionFailed(f"no connection to {parts.netloc}: {error}", sent=False) from error
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Of a socket http.client uses only what is above.
        connection.sock = cast(Any, _TimedSocket(connection.sock, self._clock))
        return connection

    def _send(
        self,
        connection: http.client.HTTPConnection,
        parts: SplitResult,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: Optional[bytes],
        until: float,
    ) -> Answer:
        reusable = False
        try:
            cast(_TimedSocket, connection.sock).until = until
            connection.request(method, target, body=body, headers=dict(headers))
            response = connection.getresponse()
            payload = response.read()
            reusable = not response.will_close
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, payload)
        except socket.timeout as error:
            raise TimedOut(f"{parts.netloc} did not answer in time", sent=True) from error
        except (OSError, http.client.HTTPException) as error:
            why = str(error) or type(error).__name__
            raise ConnectionFailed(f"{parts.netloc} gave no answer: {why}", sent=True) from error
        finally:
            if reusable:
                self._give(parts, connection)
            else:
                connection.close()

    def _take(self, parts: SplitResult) -> Optional[http.client.HTTPConnection]:
        stale: List[http.client.HTTPConnection] = []
        found: Optional[http.client.HTTPConnection] = None
        with self._lock:
            if self._pid != os.getpid():
                # After a fork the sockets belong to the parent; two users would mix answers.
                self._idle = {}
                self._pid = os.getpid()
            many = self._idle.get((parts.scheme, parts.netloc), [])
            while many and found is None:
                one = many.pop()
                if self._clock() - one.since > IDLE_SECONDS:
                    stale.append(one.connection)
                else:
                    found = one.connection
        for connection in stale:
            connection.close()
        return found

    def _give(self, parts: SplitResult, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            many = self._idle.setdefault((parts.scheme, parts.netloc), [])
            if not self._closed and self._pid == os.getpid() and len(many) < MAX_IDLE:
                many.append(_Idle(connection, self._clock()))
                return
        connection.close()
