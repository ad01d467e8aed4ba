"""The client: events in, recommendations, features and predictions out."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any, Optional, Type, TypeVar, Union

from ._experiments import ExperimentCalls
from ._inference import InferenceCalls
from ._ingest import IngestCalls
from ._manage import ManageCalls
from ._serve import ServeCalls

Self = TypeVar("Self", bound="Client")


class Client(IngestCalls, ServeCalls, InferenceCalls, ManageCalls, ExperimentCalls):
    """Everything a Signalpath answers, over kept connections; one may serve many threads.

    ::

        with Client("http://127.0.0.1:4000", write_key=..., api_key=...) as client:
            client.track("Tip Liked", {"item_id": "t1"}, user_id="nora")
            for item in client.recommend("nora", limit=5)["items"]:
                print(item["item_id"], [reason["text"] for reason in item["reasons"]])

    A call is sent again after a lost connection, a timeout, 429, 502, 503 or 504, as long as
    ``retries`` and ``deadline`` allow and repeating it is safe; pauses grow, are random, and are
    never shorter than ``Retry-After``. What it raises is in :mod:`signalpath.errors`.
    """

    @classmethod
    def from_credentials(cls: Type[Self], path: Union[str, Path], **options: Any) -> Self:
        """A client with the address and keys of a ``credentials.json``."""
        told = json.loads(Path(path).read_text(encoding="utf-8"))
        return cls(
            told["url"],
            write_key=told["write_key"],
            api_key=told["api_key"],
            admin_key=told["admin_key"],
            **options,
        )

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()
