import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link } from "@tanstack/react-router";

import { dataOf } from "../../api/client.ts";
import { useApi } from "../../api/use-api.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { curl } from "../../ui/curl.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { formatCount } from "../../ui/format.ts";
import { Loading } from "../../ui/loading.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { TextInput } from "../../ui/text-input.tsx";
import { Time } from "../../ui/time.tsx";
import { usePageId } from "../../ui/use-page-id.ts";
import type { Schema } from "../../api/types.ts";
import { Facets, type Tag } from "./facets.tsx";
import { ImportItems } from "./import-items.tsx";
import { ItemDetails } from "./item-details.tsx";
import { words } from "./strings.ts";

type Item = Schema<"ContentItemOutput">;
const PAGE_SIZE = 200;

const COLUMNS: readonly Column<Item>[] = [
  {
    id: "title",
    header: words.columns.title,
    cell: ({ item_id, title }) => (
      <Link to={`/content/${encodeURIComponent(item_id)}`}>{title}</Link>
    ),
    sortBy: ({ title }) => title,
  },
  {
    id: "tags",
    header: words.columns.tags,
    cell: ({ tags }) => (
      <span className="row">
        {tags.slice(0, 3).map(({ facet, label }) => (
          <Badge key={`${facet} ${label}`}>{label}</Badge>
        ))}
      </span>
    ),
  },
  {
    id: "words",
    header: words.columns.words,
    cell: ({ word_count }) => (word_count === undefined ? "" : formatCount(word_count)),
    sortBy: ({ word_count }) => word_count ?? 0,
    isNumber: true,
  },
  {
    id: "published",
    header: words.columns.published,
    cell: ({ published_at }) =>
      published_at === undefined ? "" : <Time value={published_at} ago />,
    sortBy: ({ published_at }) => published_at ?? "",
  },
];

/** The catalogue as it is recommended, one item of it, and what is written into it. */
export function Page() {
  const picked = usePageId();
  const [query, setQuery] = useState("");
  const [tag, setTag] = useState<Tag>();
  const pages = useCatalogue(query, tag);
  const items = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? [], [pages.data]);
  const isEmpty = items.length === 0 && query === "" && tag === undefined;
  const search = <TextInput label={words.search} value={query} onChange={setQuery} type="search" />;
  return (
    <Frame title={words.title} question={words.question} actions={search}>
      {picked !== undefined && <ItemDetails key={picked} itemId={picked} />}
      <div className="columns columns-wide">
        <Card title={words.items} about={words.itemsAbout}>
          {pages.error !== null && <ErrorState error={pages.error} />}
          {pages.isPending && <Loading height={420} />}
          {pages.data !== undefined && (
            <Table
              label={words.items}
              columns={COLUMNS}
              rows={items}
              keyOf={({ item_id }) => item_id}
              isPicked={({ item_id }) => item_id === picked}
              empty={isEmpty ? <EmptyCatalogue /> : <p className="muted">{words.none}</p>}
            />
          )}
          {pages.hasNextPage && (
            <Button isDisabled={pages.isFetching} onPress={() => void pages.fetchNextPage()}>
              {words.more}
            </Button>
          )}
        </Card>
        <div className="stack">
          <Facets tag={tag} onPick={setTag} />
          <ImportItems />
        </div>
      </div>
    </Frame>
  );
}

function useCatalogue(query: string, tag: Tag | undefined) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ["content", query, tag],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor, signal }) => {
      const asked = {
        limit: PAGE_SIZE,
        ...(query.trim() === "" ? {} : { query: query.trim() }),
        ...(tag === undefined ? {} : { tag: `${tag.facet}:${tag.label}` }),
        ...(cursor === undefined ? {} : { cursor }),
      };
      return dataOf(api.GET("/api/content", { params: { query: asked }, signal }));
    },
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  });
}

function EmptyCatalogue() {
  const item = {
    item_id: "first",
    title: "A first item",
    tags: [{ facet: "topic", label: "news" }],
  };
  const command = curl("/api/content", { method: "PUT", body: { items: [item] } });
  return <EmptyState title={words.emptyTitle} text={words.emptyText} command={command} />;
}
