"""Calls of experiments: who has which variation, who met it, what they did next."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Optional, cast

from ._session import Session, segment, text_id

#: Items of one request.
MAX_BATCH = 1_000

Answer = Dict[str, Any]


class ExperimentCalls(Session):
    """Writes need the scope write or predict, reading results the scope read.

    Every write travels under an ``Idempotency-Key`` of its own, so that an attempt whose answer was
    lost counts nothing twice. Give ``idempotency_key`` to repeat a call from another process.
    """

    def assignment(self, experiment_id: str, user_id: str) -> Answer:
        """``variation_index`` (None: takes no part) and ``hash``. Records nothing."""
        path = f"{_path(experiment_id)}/assignment"
        return self._experiments("GET", path, query={"user_id": text_id("user_id", user_id)})

    def exposures(
        self,
        experiment_id: str,
        exposures: Iterable[Mapping[str, Any]],
        *,
        idempotency_key: Optional[str] = None,
    ) -> Answer:
        """Users met a variation: ``user_id``, ``variation_index``, ``occurred_at``; up to 1,000.

        The first by event time stands. Answers received, recorded, deduplicated and flipped.
        """
        body = {"exposures": _listed(exposures)}
        path = f"{_path(experiment_id)}/exposures"
        return self._experiments("POST", path, body=body, once=idempotency_key or self._new_id())

    def conversions(
        self,
        experiment_id: str,
        conversions: Iterable[Mapping[str, Any]],
        *,
        idempotency_key: Optional[str] = None,
    ) -> Answer:
        """What users did: ``user_id``, ``metric``, ``value``, ``idempotency_key``, ``occurred_at``.

        Up to 1,000. One counts once an idempotency key; give the message id of the same event sent
        by :meth:`track`, and it counts once through both doors.
        """
        body = {"conversions": _listed(conversions)}
        path = f"{_path(experiment_id)}/conversions"
        return self._experiments("POST", path, body=body, once=idempotency_key or self._new_id())

    def conversion_event(
        self, event: Mapping[str, Any], *, idempotency_key: Optional[str] = None
    ) -> Answer:
        """An impression, click or purchase of a deployment slot; the stored row and ``recorded``."""
        once = idempotency_key or self._new_id()
        return self._experiments("POST", "/api/v1/conversion_event/", body=dict(event), once=once)

    def conversion_events(
        self, events: Iterable[Mapping[str, Any]], *, idempotency_key: Optional[str] = None
    ) -> Answer:
        """Up to 1,000 of them; those of other projects and slots are named in ``rejected``."""
        body = {"events": _listed(events)}
        once = idempotency_key or self._new_id()
        return self._experiments("POST", "/api/v1/conversion_event/batch/", body=body, once=once)

    def experiment_results(self, experiment_id: str, *, metric: Optional[str] = None) -> Answer:
        """Health first, then every metric in three readings, each with a sentence."""
        return self._experiments("GET", f"{_path(experiment_id)}/results", query={"metric": metric})

    def _experiments(
        self,
        method: str,
        path: str,
        *,
        query: Optional[Mapping[str, object]] = None,
        body: object = None,
        once: Optional[str] = None,
    ) -> Answer:
        answer = self._call(
            "experiments", method, path, query=query, body=body, idempotency_key=once
        )
        return cast(Answer, answer)


def _path(experiment_id: str) -> str:
    return f"/api/v1/experiments/{segment(text_id('experiment_id', experiment_id))}"


def _listed(items: Iterable[Mapping[str, Any]]) -> List[Dict[str, Any]]:
    listed = [dict(item) for item in items]
    if len(listed) > MAX_BATCH:
        raise ValueError(f"at most {MAX_BATCH} items at one time")
    return listed
