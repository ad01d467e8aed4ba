import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { dataOf } from "../../api/client.ts";
import type { Schema } from "../../api/types.ts";
import { useApi } from "../../api/use-api.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { formatCount, zoneName } from "../../ui/format.ts";
import { Loaded } from "../../ui/loaded.tsx";
import { TextInput } from "../../ui/text-input.tsx";
import { Time } from "../../ui/time.tsx";
import { listChanges } from "./list-changes.ts";
import { words } from "./strings.ts";

type List = Schema<"RecommendResponse">;
const HOUR_MS = 3_600_000;

/** The same request for the person as they were and as they are, side by side. */
export function ThenAndNow({ userId }: { userId: string }) {
  const api = useApi();
  const [text, setText] = useState(() => localText(Date.now() - HOUR_MS));
  const [asked, setAsked] = useState<{ from: string; to: string }>();
  const moment = new Date(text);
  const isGood = !Number.isNaN(moment.getTime()) && moment.getTime() <= Date.now();
  const listAt = (as_of: string, signal: AbortSignal) => {
    const query = { user_id: userId, limit: 10, include_content: "true", as_of } as const;
    return dataOf(api.GET("/api/recommend", { params: { query }, signal }));
  };
  const both = useQuery({
    queryKey: ["replay", userId, asked],
    enabled: asked !== undefined,
    queryFn: async ({ signal }) => {
      const { from, to } = asked ?? { from: "", to: "" };
      const [before, after] = await Promise.all([listAt(from, signal), listAt(to, signal)]);
      return { before, after };
    },
  });
  const ask = () =>
    setAsked({ from: moment.toISOString(), to: new Date(Date.now() - 1).toISOString() });
  return (
    <Card title={words.replay} about={words.replayAbout}>
      <div className="row row-end">
        <TextInput
          label={words.replayAt(zoneName())}
          type="datetime-local"
          value={text}
          onChange={setText}
        />
        <Button isDisabled={!isGood} onPress={ask}>
          {words.replayAsk}
        </Button>
      </div>
      {asked !== undefined && (
        <Loaded query={both} height={300}>
          {({ before, after }) => <Both before={before} after={after} />}
        </Loaded>
      )}
    </Card>
  );
}

function Both({ before, after }: { before: List; after: List }) {
  const idsOf = ({ items }: List) => items.map(({ item_id }) => item_id);
  const { moves, moved } = listChanges(idsOf(before), idsOf(after));
  const byId = new Map(moves.map((move) => [move.itemId, move.before]));
  return (
    <>
      <p role="status">{words.replayMoved(moved, after.items.length)}</p>
      <div className="columns columns-2">
        <Side title={words.before} list={before} />
        <Side title={words.now} list={after} before={byId} />
      </div>
    </>
  );
}

interface SideProps {
  title: string;
  list: List;
  /** Where each item stood before; absent = this is before. */
  before?: ReadonlyMap<string, number | undefined>;
}

function Side({ title, list, before }: SideProps) {
  const { replay } = list.diagnostics;
  return (
    <section className="stack" aria-label={title}>
      <h3>{title}</h3>
      {replay !== undefined && (
        <p className="muted small">
          <Time value={replay.as_of} />, {words.replayEvents(formatCount(replay.events))}
          {!replay.complete && `. ${words.replayIncomplete}`}
        </p>
      )}
      <ol className="list">
        {list.items.map((item) => (
          <li key={item.item_id} className="stack">
            <div className="row spread">
              <span>
                {item.rank}. {titleOf(item)}
              </span>
              {before !== undefined && <Moved from={before.get(item.item_id)} to={item.rank} />}
            </div>
            <span className="muted small">{item.reasons[0]?.text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Moved({ from, to }: { from: number | undefined; to: number }) {
  if (from === undefined) return <Badge tone="accent">{words.isNew}</Badge>;
  if (from === to) return <Badge>{words.same}</Badge>;
  return <Badge tone={from > to ? "good" : "warn"}>{words.movedFrom(from)}</Badge>;
}

function titleOf(item: List["items"][number]): string {
  const { title } = (item.content ?? {}) as { title?: unknown };
  return typeof title === "string" ? title : item.item_id;
}

/** As the field wants it, in the reader's zone. */
function localText(ms: number): string {
  const shifted = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}
