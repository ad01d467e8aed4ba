import { useQuery } from "@tanstack/react-query";

import { dataOf } from "../../api/client.ts";
import { useApi } from "../../api/use-api.ts";
import { Card } from "../../ui/card.tsx";
import { formatDuration } from "../../ui/format.ts";
import { Loaded } from "../../ui/loaded.tsx";
import { Time } from "../../ui/time.tsx";
import { words } from "./strings.ts";

/** Lists and timelines follow at this pace, milliseconds. */
export const FOLLOW_MS = 2_000;

/** The newest events of a person. */
export function Timeline({ userId }: { userId: string }) {
  const api = useApi();
  const history = useQuery({
    queryKey: ["history", userId],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET("/api/usermodel/history", {
          params: { query: { user_id: userId, limit: 50 } },
          signal,
        }),
      ),
    refetchInterval: FOLLOW_MS,
  });
  return (
    <Card title={words.timeline} about={words.timelineAbout}>
      <Loaded query={history} height={420}>
        {({ events }) =>
          events.length === 0 ? (
            <p className="muted">{words.noEvents}</p>
          ) : (
            <ol className="list">
              {events.map((event) => (
                <li key={event.event_id} className="row spread">
                  <span>
                    {words.kinds[event.kind] ?? event.kind}{" "}
                    {event.reaction !== undefined && <strong>{event.reaction} </strong>}
                    {event.item_id !== undefined && <code>{event.item_id}</code>}
                    {event.dwell_ms !== undefined && (
                      <span className="muted"> {formatDuration(event.dwell_ms)}</span>
                    )}
                    {event.end_reason !== undefined && (
                      <span className="muted"> ({event.end_reason})</span>
                    )}
                  </span>
                  <span className="muted small">
                    <Time value={event.occurred_at} ago />
                  </span>
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
    </Card>
  );
}
