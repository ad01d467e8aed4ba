import { useQuery } from "@tanstack/react-query";

import { ApiError } from "../../api/api-error.ts";
import { dataOf } from "../../api/client.ts";
import type { Schema } from "../../api/types.ts";
import { useApi } from "../../api/use-api.ts";
import { Badge } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { formatNumber } from "../../ui/format.ts";
import { Loaded } from "../../ui/loaded.tsx";
import { Notice } from "../../ui/notice.tsx";
import { words } from "./strings.ts";
import { FOLLOW_MS } from "./timeline.tsx";

type Belief = Schema<"UserModelExplanation">["interests"][number];

/** Interests and aversions of a person, each with the items that showed it. */
export function Beliefs({ userId }: { userId: string }) {
  const api = useApi();
  const explained = useQuery({
    queryKey: ["explain", userId],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/usermodel/explain", { params: { query: { user_id: userId } }, signal })),
    refetchInterval: FOLLOW_MS,
  });
  if (explained.error instanceof ApiError && explained.error.status === 404) {
    return <Notice tone="warn">{words.unknown}</Notice>;
  }
  return (
    <Loaded query={explained} height={220}>
      {(model) => (
        <Card
          title={words.beliefs}
          about={model.summary}
          actions={
            <>
              <Badge>{model.engagement_style.replaceAll("_", " ")}</Badge>
              <Badge>{model.trajectory}</Badge>
            </>
          }
        >
          <div className="columns columns-2">
            <Weights title={words.interests} all={model.interests} colour="var(--chart-3)" />
            <Weights title={words.aversions} all={model.aversions} colour="var(--chart-2)" />
          </div>
        </Card>
      )}
    </Loaded>
  );
}

function Weights(props: { title: string; all: readonly Belief[]; colour: string }) {
  return (
    <div className="stack">
      <h3>{props.title}</h3>
      {props.all.length === 0 && <p className="muted">{words.noneYet}</p>}
      <ul className="stack">
        {props.all.map(({ label, weight, evidence }) => (
          <li key={label} className="weight">
            <span className="truncate" title={label}>
              {label}
            </span>
            <div className="bar">
              <span style={{ width: `${weight * 100}%`, background: props.colour }} />
            </div>
            <span className="number small">{formatNumber(weight)}</span>
            <p className="muted small truncate" title={evidence.join(", ")}>
              {words.evidence} {evidence.join(", ")}
            </p>
          </li>
        ))}
      </ul>
    </div>
  );
}
