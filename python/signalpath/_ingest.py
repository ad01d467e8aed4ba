"""Calls that send events."""

from __future__ import annotations

import json
from typing import Any, Iterable, Iterator, List, Mapping, Optional, Sequence

from . import events as made
from ._session import Session
from .errors import InvalidResponse, SignalpathError
from .types import IngestResult, ItemResult

#: Largest request: far below the server's 10 MiB and 100,000 events.
MAX_EVENTS = 2_000
MAX_BYTES = 4_000_000


class IngestCalls(Session):
    """Every event keeps one message id through all attempts, so none is counted twice."""

    def track(
        self,
        name: str,
        properties: Optional[Mapping[str, Any]] = None,
        *,
        user_id: Optional[str] = None,
        anonymous_id: Optional[str] = None,
        message_id: Optional[str] = None,
        timestamp: made.When = None,
        context: Optional[Mapping[str, Any]] = None,
    ) -> ItemResult:
        """Something happened: ``track("Tip Liked", {"item_id": "t1"}, user_id="nora")``."""
        return self._one(
            made.event(
                "track",
                user_id=user_id,
                anonymous_id=anonymous_id,
                message_id=message_id,
                timestamp=timestamp,
                context=context,
                event=name,
                properties=dict(properties or {}),
            )
        )

    def identify(
        self,
        user_id: str,
        traits: Optional[Mapping[str, Any]] = None,
        *,
        anonymous_id: Optional[str] = None,
        message_id: Optional[str] = None,
        timestamp: made.When = None,
        context: Optional[Mapping[str, Any]] = None,
    ) -> ItemResult:
        """Says who somebody is; with ``anonymous_id`` joins what that visitor did before."""
        return self._one(
            made.event(
                "identify",
                user_id=user_id,
                anonymous_id=anonymous_id,
                message_id=message_id,
                timestamp=timestamp,
                context=context,
                traits=dict(traits or {}),
            )
        )

    def page(
        self,
        name: Optional[str] = None,
        properties: Optional[Mapping[str, Any]] = None,
        *,
        user_id: Optional[str] = None,
        anonymous_id: Optional[str] = None,
        message_id: Optional[str] = None,
        timestamp: made.When = None,
        context: Optional[Mapping[str, Any]] = None,
    ) -> ItemResult:
        """A page was seen; a view when its properties name an item, else ignored."""
        return self._one(
            made.event(
                "page",
                user_id=user_id,
                anonymous_id=anonymous_id,
                message_id=message_id,
                timestamp=timestamp,
                context=context,
                name=name,
                properties=dict(properties or {}),
            )
        )

    def alias(
        self,
        previous_id: str,
        user_id: str,
        *,
        message_id: Optional[str] = None,
        timestamp: made.When = None,
    ) -> ItemResult:
        """``previous_id`` was the same person. The first link of an id stands for ever."""
        return self._one(
            made.event(
                "alias",
                user_id=user_id,
                message_id=message_id,
                timestamp=timestamp,
                previousId=previous_id,
            )
        )

    def prepare(self, events: Iterable[Mapping[str, Any]]) -> List[made.Event]:
        """Events with ids and times, to be stored before :meth:`batch` sends them."""
        return made.prepare(events, self._new_id, self._wall_clock)

    def batch(self, events: Iterable[Mapping[str, Any]]) -> IngestResult:
        """Sends events (see :mod:`signalpath.events`) in as few requests as their size allows.

        ``deadline`` holds for each request. On an error nothing of the later requests was sent,
        and ``error.unsent`` holds the prepared events that are not confirmed: hand them to
        :meth:`batch` again when it suits.
        """
        prepared = self.prepare(events)
        total: IngestResult = {
            "received": 0,
            "accepted": 0,
            "duplicates": 0,
            "ignored": 0,
            "expired": 0,
            "dead_lettered": 0,
            "results": [],
        }
        for part in _parts(prepared):
            try:
                answer = self._call(
                    "ingest", "POST", "/api/ingest", body={"batch": part}, key="write"
                )
                _check(answer, len(part))
            except SignalpathError as error:
                error.unsent = prepared[len(total["results"]) :]
                raise
            total["received"] += answer["received"]
            total["accepted"] += answer["accepted"]
            total["duplicates"] += answer["duplicates"]
            total["ignored"] += answer["ignored"]
            total["expired"] += answer["expired"]
            total["dead_lettered"] += answer["dead_lettered"]
            total["results"].extend(answer["results"])
        return total

    def _one(self, event: made.Event) -> ItemResult:
        return self.batch([event])["results"][0]


def _check(answer: Any, sent: int) -> None:
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, list) or len(results) != sent:
        raise InvalidResponse("not one result an event", status=200, request_id=None)


def _parts(events: Sequence[made.Event]) -> Iterator[List[made.Event]]:
    """Runs of events that fit into one request; a large event has one to itself."""
    part: List[made.Event] = []
    size = 0
    for event in events:
        length = len(json.dumps(event, separators=(",", ":"), allow_nan=False)) + 1
        if part and (len(part) == MAX_EVENTS or size + length > MAX_BYTES):
            yield part
            part, size = [], 0
        part.append(event)
        size += length
    if part:
        yield part
