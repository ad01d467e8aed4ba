"""Events as the webhook takes them (RudderStack's names), made once and sent as often as needed.

A message id belongs to the event, not to the request: an event that keeps its id and its time
is counted once however often it arrives. :func:`prepare` gives both to events without them.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Union

Event = Dict[str, Any]
When = Union[datetime, str, None]


def prepare(
    events: Iterable[Mapping[str, Any]],
    new_id: Callable[[], str],
    now: Callable[[], float],
) -> List[Event]:
    """Copies with ``messageId`` and ``timestamp``; what is there is kept.

    ``now`` answers seconds since 1970. Store the result before sending it, and a sender that
    dies in between can send it again.
    """
    prepared: List[Event] = []
    for event in events:
        copy = dict(event)
        if not any(copy.get(name) for name in ("messageId", "message_id")):
            copy["messageId"] = new_id()
        if not any(copy.get(name) for name in ("timestamp", "originalTimestamp")):
            copy["timestamp"] = utc_text(datetime.fromtimestamp(now(), timezone.utc))
        prepared.append(copy)
    return prepared


def message_id(event: Mapping[str, Any]) -> str:
    """Id of a prepared event."""
    return str(event.get("messageId") or event.get("message_id"))


def event(
    kind: str,
    *,
    user_id: Optional[str] = None,
    anonymous_id: Optional[str] = None,
    message_id: Optional[str] = None,
    timestamp: When = None,
    context: Optional[Mapping[str, Any]] = None,
    **more: Any,
) -> Event:
    """One event of ``type`` kind; names in ``more`` are the wire's. What is None is left out."""
    if user_id is None and anonymous_id is None:
        raise ValueError("an event belongs to a user_id, an anonymous_id or both")
    for name, value in (("user_id", user_id), ("anonymous_id", anonymous_id)):
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{name} is a str, not {type(value).__name__}")
    fields = {
        "type": kind,
        "userId": user_id,
        "anonymousId": anonymous_id,
        "messageId": message_id,
        "timestamp": utc_text(timestamp) if isinstance(timestamp, datetime) else timestamp,
        "context": dict(context) if context is not None else None,
        **more,
    }
    return {name: value for name, value in fields.items() if value is not None}


def utc_text(when: datetime) -> str:
    """ISO 8601 with milliseconds. The offset of ``when`` is kept: it tells the user's hour."""
    if when.tzinfo is None:
        raise ValueError("a time without a zone is no point in time")
    text = when.isoformat(timespec="milliseconds")
    return text[:-6] + "Z" if text.endswith("+00:00") else text
