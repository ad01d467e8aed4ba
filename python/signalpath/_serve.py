"""Calls that read: lists, models of users, features."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Mapping, Optional, Tuple, cast

from ._session import Session, text_id
from .types import FeatureRegistry, Recommendation, Scalar, UserFeatures


class ServeCalls(Session):
    """All need an API key with the scope read."""

    def recommend(
        self,
        user_id: str,
        limit: int = 10,
        *,
        filter: Optional[str] = None,
        exclude: Iterable[str] = (),
        near: Optional[Tuple[float, float]] = None,
        radius_m: Optional[float] = None,
        explain: bool = False,
        include_content: bool = False,
    ) -> Recommendation:
        """A ranked list for one person, each item with its reasons.

        :param limit: 1..100.
        :param filter: ``facet:label`` that every item must carry.
        :param exclude: item ids without commas.
        :param near: latitude and longitude, degrees.
        :param radius_m: hard limit around ``near``, metres.

        Somebody unknown gets a cold list; what was missing is in ``diagnostics.degraded``.
        """
        query: Dict[str, object] = {
            "user_id": text_id("user_id", user_id),
            "limit": limit,
            "filter": filter,
            "exclude": _joined(exclude),
            "near_lat": None if near is None else near[0],
            "near_lon": None if near is None else near[1],
            "geo_radius_m": radius_m,
            "explain": explain or None,
            "include_content": include_content or None,
        }
        answer = self._call("recommender", "GET", "/api/recommend", query=query)
        return cast(Recommendation, answer)

    def recommend_preview(
        self,
        *,
        tag_affinity: Optional[Mapping[str, float]] = None,
        like_items: Iterable[str] = (),
        demographics: Optional[Mapping[str, Scalar]] = None,
        limit: int = 10,
    ) -> Recommendation:
        """A list for a model written by hand: ``tag_affinity={"topic:forced labor": 1}``."""
        body = {
            "tag_affinity": dict(tag_affinity or {}),
            "like_items": list(like_items),
            "demographics": dict(demographics or {}),
            "limit": limit,
        }
        answer = self._call("recommender", "POST", "/api/recommend/preview", body=body)
        return cast(Recommendation, answer)

    def usermodel(self, user_id: str) -> Dict[str, Any]:
        """What is believed about a person. :class:`NotFound` with ``USER_MODEL_NOT_FOUND``."""
        return self._of_user("/api/usermodel", user_id)

    def usermodel_explain(self, user_id: str) -> Dict[str, Any]:
        """The same in words: interests and aversions with the items behind them."""
        return self._of_user("/api/usermodel/explain", user_id)

    def usermodel_history(
        self, user_id: str, *, limit: int = 50, cursor: Optional[str] = None
    ) -> Dict[str, Any]:
        """Events of a person, newest first; ``next`` of the answer is the next ``cursor``."""
        return self._of_user("/api/usermodel/history", user_id, limit=limit, cursor=cursor)

    def features(self, user_id: str) -> UserFeatures:
        """Profile features of a person, raw and normalised; fallbacks for somebody unknown."""
        return cast(UserFeatures, self._of_user("/api/features", user_id))

    def features_registry(self) -> FeatureRegistry:
        """Definitions the service works by; :data:`PROFILE_FEATURES` is what this package knows."""
        answer = self._call("recommender", "GET", "/api/features/registry")
        return cast(FeatureRegistry, answer)

    def _of_user(self, path: str, user_id: str, **more: object) -> Dict[str, Any]:
        query: Dict[str, object] = {"user_id": text_id("user_id", user_id), **more}
        return cast(Dict[str, Any], self._call("recommender", "GET", path, query=query))


def _joined(ids: Iterable[str]) -> Optional[str]:
    listed = [text_id("exclude", one) for one in ids]
    if any("," in one for one in listed):
        raise ValueError("an id with a comma cannot be excluded in a query")
    return ",".join(listed) or None
