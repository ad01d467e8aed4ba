import { useQuery } from "@tanstack/react-query";

import { dataOf } from "../../api/client.ts";
import { useApi } from "../../api/use-api.ts";
import { Badge } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { formatDuration } from "../../ui/format.ts";
import { Loaded } from "../../ui/loaded.tsx";
import { RecommendedList } from "./recommended-list.tsx";
import { words } from "./strings.ts";
import { FOLLOW_MS } from "./timeline.tsx";

/** What a person would be shown now; it follows what they do. */
export function LiveList({ userId }: { userId: string }) {
  const api = useApi();
  const query = { user_id: userId, limit: 10, explain: "true", include_content: "true" } as const;
  const list = useQuery({
    queryKey: ["recommend", userId],
    queryFn: ({ signal }) => dataOf(api.GET("/api/recommend", { params: { query }, signal })),
    refetchInterval: FOLLOW_MS,
  });
  return (
    <Card title={words.list} about={words.listAbout}>
      <Loaded query={list} height={420}>
        {(answer) => (
          <>
            <div className="row small">
              <Badge tone={answer.strategy === "warm" ? "good" : "plain"}>
                {words.strategy[answer.strategy]}
              </Badge>
              {answer.model_age_ms !== null && (
                <span className="muted">model {formatDuration(answer.model_age_ms)} old</span>
              )}
              {answer.diagnostics.degraded.map((part) => (
                <Badge key={part} tone="warn">
                  {words.degraded} {part}
                </Badge>
              ))}
            </div>
            <RecommendedList items={answer.items} />
          </>
        )}
      </Loaded>
    </Card>
  );
}
