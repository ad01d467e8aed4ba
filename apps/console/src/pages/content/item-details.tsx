import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { dataOf } from "../../api/client.ts";
import type { Schema } from "../../api/types.ts";
import { useApi } from "../../api/use-api.ts";
import { Sparkline } from "../../charts/sparkline.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { formatCount, formatNumber } from "../../ui/format.ts";
import { Loaded } from "../../ui/loaded.tsx";
import { Stat, Stats } from "../../ui/stat.tsx";
import { words } from "./strings.ts";

type ItemActivity = Schema<"ItemActivity">;

/** One item: what it is, what happened to it, and what is liked by the same people. */
export function ItemDetails({ itemId }: { itemId: string }) {
  const api = useApi();
  const path = { item_id: itemId };
  const item = useQuery({
    queryKey: ["item", itemId],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/content/{item_id}", { params: { path }, signal })),
  });
  const activity = useQuery({
    queryKey: ["item-activity", itemId],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/content/{item_id}/activity", { params: { path }, signal })),
    refetchInterval: 5_000,
  });
  return (
    <Card title={words.item} actions={<Link to="/content">{words.close}</Link>}>
      <Loaded query={item} height={120}>
        {({ title, text, tags }) => (
          <div className="stack">
            <h3>{title}</h3>
            {text !== undefined && <p className="muted">{text.slice(0, 400)}</p>}
            <div className="row">
              {tags.map(({ facet, label }) => (
                <Badge key={`${facet} ${label}`}>
                  {facet}: {label}
                </Badge>
              ))}
            </div>
          </div>
        )}
      </Loaded>
      <Loaded query={activity} height={180}>
        {(one) => <Activity of={one} />}
      </Loaded>
    </Card>
  );
}

function Activity({ of: { hours, totals, days, neighbours } }: { of: ItemActivity }) {
  const values = hours.map(({ view, positive, negative }) => view + positive + negative);
  const sum = values.reduce((all, value) => all + value, 0);
  return (
    <div className="columns columns-wide">
      <div className="stack">
        <h3>
          {words.happened} <span className="muted">{words.happenedAbout(days)}</span>
        </h3>
        <Stats>
          <Stat label={words.served} value={formatCount(totals.served)} />
          <Stat label={words.views} value={formatCount(totals.view)} />
          <Stat label={words.likes} value={formatCount(totals.positive)} />
          <Stat label={words.dislikes} value={formatCount(totals.negative)} />
        </Stats>
        {sum === 0 ? (
          <p className="muted">{words.quiet}</p>
        ) : (
          <div>
            <Sparkline summary={words.trend(formatCount(sum), days)} values={values} height={72} />
            <p className="row spread muted small" aria-hidden>
              <span>{words.daysAgo(days)}</span>
              <span>{words.most(formatCount(Math.max(...values)))}</span>
              <span>{words.now}</span>
            </p>
          </div>
        )}
      </div>
      <div className="stack">
        <h3>{words.neighbours}</h3>
        {neighbours.length === 0 && <p className="muted">{words.noNeighbours}</p>}
        <ul className="list">
          {neighbours.slice(0, 8).map(({ item_id, title, similarity }) => (
            <li key={item_id} className="row spread">
              <Link to={`/content/${encodeURIComponent(item_id)}`}>{title ?? item_id}</Link>
              <span className="muted small">{formatNumber(similarity)}</span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
