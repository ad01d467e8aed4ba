"""Calls that change what is kept: catalogue, models of users, erasure."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Iterator, Mapping, Optional, cast

from ._session import Session, segment, text_id
from .types import ContentItem, ErasureReceipt, PutContentResult, RebuildResult

#: Items of one transaction the catalogue takes.
MAX_ITEMS = 10_000
#: A rebuild answers when it is done.
REBUILD_SECONDS = 600.0


class ManageCalls(Session):
    """Catalogue: scope write (reading: read). Rebuild and erase: scope admin."""

    def put_content(self, items: Iterable[ContentItem]) -> PutContentResult:
        """Writes items (up to 10,000 as one transaction); recommended within two seconds."""
        listed = list(items)
        if len(listed) > MAX_ITEMS:
            raise ValueError(f"at most {MAX_ITEMS} items at one time")
        answer = self._call("management", "PUT", "/api/content", body={"items": listed})
        return cast(PutContentResult, answer)

    def get_content(self, item_id: str) -> ContentItem:
        """One item. :class:`NotFound` with ``ITEM_NOT_FOUND``."""
        path = f"/api/content/{segment(text_id('item_id', item_id))}"
        return cast(ContentItem, self._call("recommender", "GET", path))

    def list_content(
        self,
        *,
        query: Optional[str] = None,
        tag: Optional[str] = None,
        limit: int = 50,
        cursor: Optional[str] = None,
    ) -> Dict[str, Any]:
        """One page of the catalogue: ``items`` and ``next``, the cursor of the page after it."""
        asked = {"query": query, "tag": tag, "limit": limit, "cursor": cursor}
        answer = self._call("recommender", "GET", "/api/content", query=asked)
        return cast(Dict[str, Any], answer)

    def iterate_content(self, **asked: Any) -> Iterator[ContentItem]:
        """All items of :meth:`list_content`, page by page."""
        cursor: Optional[str] = None
        while True:
            page = self.list_content(cursor=cursor, **asked)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def delete_content(self, item_id: str) -> Dict[str, Any]:
        """Takes an item out; ``removed`` tells whether it was there."""
        path = f"/api/content/{segment(text_id('item_id', item_id))}"
        return cast(Dict[str, Any], self._call("management", "DELETE", path))

    def rebuild(
        self,
        user_ids: Optional[Iterable[str]] = None,
        *,
        all_users: bool = False,
        project_id: Optional[int] = None,
        timeout: float = REBUILD_SECONDS,
    ) -> RebuildResult:
        """Derives models of users from the archive and answers when it is done.

        Sent again only if it did not arrive or was refused: a second rebuild beside a running
        one is a :class:`Conflict`. ``timeout`` is for the whole call.
        """
        if (user_ids is None) is not all_users:
            raise ValueError("give either user_ids or all_users=True")
        body: Dict[str, Any] = {"all": True} if user_ids is None else {"user_ids": list(user_ids)}
        if project_id is not None:
            body["project_id"] = project_id
        answer = self._call(
            "updater",
            "POST",
            "/api/rebuild",
            body=body,
            key="admin",
            repeatable=False,
            timeout=timeout,
            deadline=timeout,
        )
        return cast(RebuildResult, answer)

    def erase(self, user_id: str, *, project: Optional[int] = None) -> ErasureReceipt:
        """Forgets a person and answers a receipt. Repeating it repeats the deletes."""
        path = f"/api/users/{segment(text_id('user_id', user_id))}"
        query: Mapping[str, object] = {"project": project}
        answer = self._call("management", "DELETE", path, query=query, key="admin")
        return cast(ErasureReceipt, answer)
