import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { useReplay, type ReplayResult } from "./queries.ts";
import { words } from "./strings.ts";

type Row = ReplayResult["results"][number];

const COLUMNS: readonly Column<Row>[] = [
  { id: "id", header: words.replay.columns.id, cell: ({ id }) => <code>{id}</code> },
  {
    id: "verdict",
    header: words.replay.columns.verdict,
    cell: ({ verdict }) => (
      <Badge tone={verdict === "accepted" ? "good" : "plain"}>{verdict}</Badge>
    ),
    sortBy: ({ verdict }) => verdict,
  },
  { id: "code", header: words.replay.columns.code, cell: ({ code }) => code ?? "" },
];

/** Judges letters again: tried first, then for real, with what came of it. */
export function Replay({ of }: { of: { ids: string[] } | { code: string } }) {
  const replay = useReplay();
  const isOne = "ids" in of;
  const { title, text, dryAll, dryOne, realAll, realOne } = words.replay;
  const real = isOne ? realOne : realAll;
  return (
    <Card title={isOne ? `${title}: ${words.one.title}` : title} about={text}>
      <div className="row">
        <Button
          isDisabled={replay.isPending}
          onPress={() => replay.mutate({ ...of, dry_run: true })}
        >
          {isOne ? dryOne : dryAll}
        </Button>
        <ConfirmDialog
          trigger={real}
          title={title}
          confirm={real}
          isDisabled={replay.isPending}
          onConfirm={() => replay.mutateAsync({ ...of, dry_run: false })}
        >
          {text}
        </ConfirmDialog>
      </div>
      {replay.error !== null && <ErrorState error={replay.error} />}
      {replay.data !== undefined && <Result data={replay.data} isDry={replay.variables.dry_run} />}
    </Card>
  );
}

function Result({ data, isDry }: { data: ReplayResult; isDry: boolean }) {
  const counts = new Map<string, number>();
  for (const { verdict } of data.results) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const summary = [...counts].map(([verdict, n]) => words.replay.verdicts(n, verdict)).join(", ");
  return (
    <>
      <Notice tone={isDry ? "plain" : "good"} title={words.replay.result}>
        {isDry ? words.replay.dry : words.replay.done(data.replayed)} {summary}
      </Notice>
      <Table
        label={words.replay.result}
        columns={COLUMNS}
        rows={data.results}
        keyOf={({ id }) => id}
        height={260}
      />
    </>
  );
}
