import { useMemo, useState } from "react";

import { Badge, type Tone } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { curl } from "../../ui/curl.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { formatCount, formatDuration } from "../../ui/format.ts";
import { Select } from "../../ui/select.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { TextInput } from "../../ui/text-input.tsx";
import { Time } from "../../ui/time.tsx";
import { fits, NAMES, sumOf, type LiveState, type Seen } from "./live-state.ts";
import { words } from "./strings.ts";

const TONES: Readonly<Record<Seen["verdict"], Tone>> = {
  accepted: "good",
  duplicate: "plain",
  ignored: "plain",
  expired: "warn",
  dead_lettered: "bad",
};

const COLUMNS: readonly Column<Seen>[] = [
  {
    id: "time",
    header: words.columns.time,
    cell: ({ received_at }) => <Time value={received_at} />,
  },
  {
    id: "verdict",
    header: words.columns.verdict,
    cell: ({ verdict, code }) => (
      <Badge tone={TONES[verdict]}>
        {words.verdicts[verdict]} {code ?? ""}
      </Badge>
    ),
  },
  { id: "subject", header: words.columns.subject, cell: ({ subject }) => <code>{subject}</code> },
  { id: "user", header: words.columns.user, cell: ({ user }) => <code>{user?.slice(0, 8)}</code> },
  { id: "item", header: words.columns.item, cell: ({ item_id }) => <code>{item_id}</code> },
  {
    id: "age",
    header: words.columns.age,
    cell: ({ age_ms }) => (age_ms === undefined ? "" : formatDuration(age_ms)),
    isNumber: true,
  },
];

const VERDICTS = [
  { value: "", label: words.anyVerdict },
  ...NAMES.map((value) => ({ value, label: words.verdicts[value] })),
];

/** The newest events, filtered; says when they are a sample. */
export function StreamTable({ state, isPaused }: { state: LiveState; isPaused: boolean }) {
  const [verdict, setVerdict] = useState("");
  const [text, setText] = useState("");
  const rows = useMemo(
    () => state.verdicts.filter((one) => fits(one, { verdict, text })),
    [state.verdicts, verdict, text],
  );
  const all = sumOf(state.totals);
  const about =
    all > state.told ? words.sampled(formatCount(state.told), formatCount(all)) : words.all;
  return (
    <Card
      title={words.stream}
      about={isPaused ? words.paused : about}
      actions={
        <>
          <Select
            label={words.filterVerdict}
            value={verdict}
            options={VERDICTS}
            onChange={setVerdict}
          />
          <TextInput label={words.filterText} value={text} onChange={setText} type="search" />
        </>
      }
    >
      <div className="stream">
        <Table
          label={words.stream}
          columns={COLUMNS}
          rows={rows}
          keyOf={({ key }) => String(key)}
          height={420}
          empty={
            state.verdicts.length > 0 ? (
              <p className="muted">{words.noneFits}</p>
            ) : (
              <EmptyState title={words.emptyTitle} text={words.emptyText} command={someEvent()} />
            )
          }
        />
      </div>
    </Card>
  );
}

function someEvent(): string {
  const properties = { item_id: "first", reaction: "like" };
  const body = { type: "track", event: "Tip Feedback", userId: "u1", properties };
  return curl("/api/ingest", { method: "POST", body });
}
