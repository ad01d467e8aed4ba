"""Calls of the inference gateway: lists straight from a trained model."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Optional, cast

from ._session import Session, text_id
from .types import BatchPrediction, Prediction

#: Users of one batch the gateway takes.
MAX_BATCH_USERS = 100


class InferenceCalls(Session):
    """All but health and models need an API key with the scope predict."""

    def predict(
        self,
        model_id: int,
        user_id: str,
        cutoff: int = 10,
        *,
        exclude_items: Iterable[str] = (),
        fallback: Optional[bool] = None,
    ) -> Prediction:
        """Items of one model for one user, best first (``cutoff`` 1..1000).

        Items the user had in training are left out. An unknown user is :class:`NotFound`, or
        gets popular items with ``fallback``.
        """
        return self._predict(f"/{int(model_id)}", user_id, cutoff, exclude_items, fallback)

    def predict_project(
        self,
        project_id: int,
        user_id: str,
        cutoff: int = 10,
        *,
        exclude_items: Iterable[str] = (),
        fallback: Optional[bool] = None,
    ) -> Prediction:
        """The same from the deployment slot this user belongs to.

        Report ``assigned_slot_id`` with events when it is there, else ``slot_id``: results are
        read by the slot a user was meant for.
        """
        path = f"/project/{int(project_id)}"
        return self._predict(path, user_id, cutoff, exclude_items, fallback)

    def predict_batch(
        self, model_id: int, user_ids: Iterable[str], cutoff: int = 10
    ) -> BatchPrediction:
        """One list a user in their order, an empty one for users the model does not know.

        More than 100 users travel in several requests; an error ends the call.
        """
        listed = [text_id("user_ids", one) for one in user_ids]
        path = f"/inference/predict/{int(model_id)}/batch"
        results = []
        for begin in range(0, max(len(listed), 1), MAX_BATCH_USERS):
            body = {"user_ids": listed[begin : begin + MAX_BATCH_USERS], "cutoff": cutoff}
            results.extend(self._call("inference", "POST", path, body=body)["results"])
        return {"results": results}

    def related(self, model_id: int, seed_items: Iterable[str], cutoff: int = 10) -> Prediction:
        """Items that go with 1..100 others, for users the model never saw."""
        seeds = [text_id("seed_items", one) for one in seed_items]
        path = f"/inference/predict/{int(model_id)}/related"
        body = {"seed_items": seeds, "cutoff": cutoff}
        return cast(Prediction, self._call("inference", "POST", path, body=body))

    def inference_health(self) -> Dict[str, Any]:
        """``{"status": "healthy", "loaded_models": n}``; needs no key."""
        answer = self._call("inference", "GET", "/inference/health", key="none")
        return cast(Dict[str, Any], answer)

    def models(self) -> Dict[str, Any]:
        """``{"models": [ids, least recently used first], "count": n}``; needs no key."""
        answer = self._call("inference", "GET", "/inference/models", key="none")
        return cast(Dict[str, Any], answer)

    def _predict(
        self,
        path: str,
        user_id: str,
        cutoff: int,
        exclude_items: Iterable[str],
        fallback: Optional[bool],
    ) -> Prediction:
        body: Dict[str, Any] = {"user_id": text_id("user_id", user_id), "cutoff": cutoff}
        excluded = [text_id("exclude_items", one) for one in exclude_items]
        if excluded:
            body["exclude_items"] = excluded
        if fallback is not None:
            body["fallback"] = fallback
        answer = self._call("inference", "POST", f"/inference/predict{path}", body=body)
        return cast(Prediction, answer)
