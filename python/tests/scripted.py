"""A server on a free port of loopback that answers what a test tells it to."""

from __future__ import annotations

import gzip
import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Callable, Dict, List, Optional, Tuple, Type, Union

from signalpath import Client


@dataclass
class Seen:
    """One request as it arrived; ``json`` is its unpacked body."""

    method: str
    path: str
    headers: Dict[str, str]
    raw: bytes
    peer: Tuple[str, int]

    @property
    def json(self) -> Any:
        packed = self.headers.get("content-encoding") == "gzip"
        return json.loads(gzip.decompress(self.raw) if packed else self.raw)


@dataclass
class Reply:
    """What to answer: ``hang`` nothing, ``cut`` less than announced, ``drip`` ever so slowly;
    ``drop`` closes the connection behind an answer that did not say so."""

    status: int = 200
    body: Union[bytes, object] = None
    headers: Optional[Dict[str, str]] = None
    hang: bool = False
    cut: bool = False
    drop: bool = False
    drip: bool = False


Script = Union[List[Reply], Callable[[Seen], Reply]]


class Scripted:
    """``with Scripted([Reply(503), Reply(200, {})]) as server``: one reply a request, in order."""

    def __init__(self, script: Script) -> None:
        self.seen: List[Seen] = []
        self._script = script
        self._lock = threading.Lock()
        self._released = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                pass

            def handle_any(self) -> None:
                outer._answer(self)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("content-length") or 0)
        raw = handler.rfile.read(length)
        names = {name.lower(): value for name, value in handler.headers.items()}
        seen = Seen(handler.command, handler.path, names, raw, handler.client_address)
        with self._lock:
            self.seen.append(seen)
            reply = self._script(seen) if callable(self._script) else self._script.pop(0)
        if reply.hang:
            self._released.wait()
            handler.close_connection = True
            return
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        handler.send_response(reply.status)
        for name, value in (reply.headers or {}).items():
            handler.send_header(name, value)
        missing = 10 if reply.cut else 1_000_000 if reply.drip else 0
        handler.send_header("content-length", str(len(body) + missing))
        handler.end_headers()
        if reply.drip:
            while not self._released.wait(0.02):
                try:
                    handler.wfile.write(b" ")
                except OSError:
                    break
        handler.wfile.write(body)
        handler.close_connection = reply.cut or reply.drop or reply.drip

    def __enter__(self) -> "Scripted":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class ManualTime:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.sleeps: List[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds


def client_of(url: str, time: Optional[ManualTime] = None, **options: Any) -> Client:
    """A client that never really waits and whose randomness is one half."""
    time = time or ManualTime()
    settings: Dict[str, Any] = {
        "write_key": "wk",
        "api_key": "rctm_key",
        "sleep": time.sleep,
        "clock": time.clock,
        "random": lambda: 0.5,
        **options,
    }
    return Client(url, **settings)


def accepted(seen: Seen) -> Reply:
    """What ingest answers when all is well."""
    results = [
        {"message_id": one["messageId"], "verdict": "accepted"} for one in seen.json["batch"]
    ]
    counts = {"duplicates": 0, "ignored": 0, "expired": 0, "dead_lettered": 0}
    body = {"received": len(results), "accepted": len(results), **counts, "results": results}
    return Reply(200, body)


def refused(status: int, code: str, **headers: str) -> Reply:
    """An error of the service; header names with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"detail": "no", "code": code, "request_id": "request-1"}, named)
