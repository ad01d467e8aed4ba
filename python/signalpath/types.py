"""Shapes of what travels, as on the wire. Fields marked optional there may be absent here."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, TypedDict, Union

Scalar = Union[str, int, float, bool]


class _ItemResult(TypedDict):
    message_id: Optional[str]
    verdict: str


class ItemResult(_ItemResult, total=False):
    """Verdict on one event: accepted, duplicate, ignored, expired or dead_lettered."""

    code: str
    subject: str


class IngestResult(TypedDict):
    """Counts and one result an event, in the order sent."""

    received: int
    accepted: int
    duplicates: int
    ignored: int
    expired: int
    dead_lettered: int
    results: List[ItemResult]


class Reason(TypedDict):
    kind: str
    label: str
    weight: float
    evidence: List[str]
    text: str


class _RecommendedItem(TypedDict):
    item_id: str
    rank: int
    score: float
    role: str
    contributions: Dict[str, float]
    reasons: List[Reason]


class RecommendedItem(_RecommendedItem, total=False):
    content: Dict[str, Any]


class Diagnostics(TypedDict):
    pool_size: int
    sources: Dict[str, int]
    ranking: str
    degraded: List[str]


class AssignedVariation(TypedDict):
    """What a list was ranked by. No exposure until it is reported."""

    experiment_id: str
    variation_index: int


class Recommendation(TypedDict):
    """One list. Give its ``request_id`` back with what was shown and how it was received."""

    request_id: str
    user_id: str
    strategy: str
    model_revision: Optional[int]
    model_age_ms: Optional[float]
    items: List[RecommendedItem]
    experiments: List[AssignedVariation]
    diagnostics: Diagnostics


class FeatureValue(TypedDict):
    value: Optional[float]
    normalized: float
    computed_at: Optional[str]
    expires_at: Optional[str]
    stale: bool
    source: str


class UserFeatures(TypedDict):
    user_id: str
    features: Dict[str, FeatureValue]


class RegisteredFeature(TypedDict):
    name: str
    dtype: str
    description: str
    freshness: str
    ttl_sec: int
    source: str
    fallback: str
    invalidated_by: List[str]


class FeatureRegistry(TypedDict):
    features: List[RegisteredFeature]


class Tag(TypedDict):
    facet: str
    label: str


class WeightedTag(Tag, total=False):
    weight: float


class _ContentItem(TypedDict):
    item_id: str
    title: str


class ContentItem(_ContentItem, total=False):
    text: str
    tags: List[WeightedTag]
    word_count: int
    has_image: bool
    lat: float
    lon: float
    vector: List[float]
    published_at: str
    expires_at: str
    metadata: Dict[str, Any]


class PutContentResult(TypedDict):
    upserted: int
    unchanged: int
    version: int


class ScoredItem(TypedDict):
    item_id: str
    score: float


class _Prediction(TypedDict):
    items: List[ScoredItem]
    model_id: int
    request_id: str


class Prediction(_Prediction, total=False):
    """``user_id`` in a batch; the slot fields on a project; the last two after a fall."""

    user_id: str
    slot_id: int
    slot_name: str
    variation_index: int
    assigned_slot_id: int
    skipped_slots: List[int]


class BatchPrediction(TypedDict):
    results: List[Prediction]


class RebuildResult(TypedDict):
    rebuilt: int
    unknown: List[str]


class ErasureReceipt(TypedDict):
    user_id: str
    erased_at: str
    removed: Dict[str, int]
    bus_forgets_at: str
