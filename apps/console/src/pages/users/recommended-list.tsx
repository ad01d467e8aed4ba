import type { Schema } from "../../api/types.ts";
import { SERIES } from "../../charts/series.ts";
import { Badge } from "../../ui/badge.tsx";
import { curl } from "../../ui/curl.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { formatNumber } from "../../ui/format.ts";
import { partsOf } from "./contributions.ts";
import { words } from "./strings.ts";

type Item = Schema<"RecommendResponse">["items"][number];

/** A ranked list with the reasons of every item and what its score is made of. */
export function RecommendedList({ items }: { items: readonly Item[] }) {
  if (items.length === 0) {
    const item = {
      item_id: "first",
      title: "A first item",
      tags: [{ facet: "topic", label: "news" }],
    };
    return (
      <EmptyState
        title={words.emptyList}
        text={words.emptyListText}
        command={curl("/api/content", { method: "PUT", body: { items: [item] } })}
      />
    );
  }
  return (
    <ol className="list">
      {items.map((item) => (
        <li key={item.item_id} className="stack">
          <div className="row spread">
            <h3>
              {item.rank}. {titleOf(item)}
            </h3>
            <span className="row small">
              {item.role === "serendipity" && <Badge tone="accent">{words.serendipity}</Badge>}
              {"explored" in item && <Badge tone="accent">{words.explored}</Badge>}
              <span className="muted">
                {words.score} {formatNumber(item.score, 3)}
              </span>
            </span>
          </div>
          <ul className="small">
            {item.reasons.slice(0, 3).map((reason) => (
              <li key={`${reason.kind} ${reason.label}`}>{reason.text}</li>
            ))}
          </ul>
          <Contributions of={item.contributions} />
        </li>
      ))}
    </ol>
  );
}

function Contributions({ of }: { of: Item["contributions"] }) {
  const parts = partsOf(of);
  const said = parts.map(({ scorer, value }) => `${scorer} ${formatNumber(value, 3)}`).join(", ");
  const colour = (at: number) => SERIES[at % SERIES.length] ?? "";
  return (
    <div className="stack">
      <div className="bar" role="img" aria-label={`${words.contributions}: ${said}`}>
        {parts.map(({ scorer, width }, at) => (
          <span key={scorer} style={{ width: `${width}%`, background: colour(at) }} />
        ))}
      </div>
      <ul className="row small muted" aria-hidden>
        {parts.map(({ scorer, value }, at) => (
          <li key={scorer} className="row">
            <span className="dot" style={{ background: colour(at) }} />
            {scorer} {formatNumber(value, 3)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function titleOf(item: Item): string {
  const { title } = (item.content ?? {}) as { title?: unknown };
  return typeof title === "string" ? title : item.item_id;
}
