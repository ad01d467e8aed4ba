import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { formatDuration, formatShare } from "../../ui/format.ts";
import { Table, type Column } from "../../ui/table.tsx";
import { Time } from "../../ui/time.tsx";
import { decisionOf, type Model, type Run } from "./metrics.ts";
import { useModelActions } from "./queries.ts";
import { StatusBadge } from "./status-badge.tsx";
import { words } from "./strings.ts";

/** Trainings with where they stand, and what became of them. */
export function Runs({ runs, models }: { runs: readonly Run[]; models: readonly Model[] }) {
  const { cancel } = useModelActions();
  const nameOf = (id: number) => models.find((model) => model.id === id)?.name ?? String(id);
  const { columns } = words.runs;
  const shown: Column<Run>[] = [
    {
      id: "id",
      header: columns.id,
      isNumber: true,
      sortBy: (run) => run.id,
      cell: (run) => run.id,
    },
    { id: "model", header: columns.model, cell: (run) => nameOf(run.trained_model) },
    { id: "kind", header: columns.kind, cell: (run) => run.kind },
    { id: "why", header: columns.why, cell: (run) => run.trigger },
    { id: "status", header: columns.status, cell: (run) => <StatusBadge status={run.status} /> },
    { id: "progress", header: columns.progress, cell: (run) => <Progress run={run} /> },
    {
      id: "took",
      header: columns.took,
      isNumber: true,
      cell: (run) => tookOf(run) ?? <Time value={run.created_at} ago />,
    },
    {
      id: "result",
      header: columns.result,
      cell: (run) =>
        run.status === "PENDING" || run.status === "RUNNING" ? (
          <ConfirmDialog
            trigger={words.runs.cancel}
            title={words.runs.cancelTitle(run.id)}
            confirm={words.runs.cancel}
            isDanger
            onConfirm={() => cancel(run.id)}
          >
            <p>{words.runs.cancelText}</p>
          </ConfirmDialog>
        ) : (
          resultOf(run)
        ),
    },
  ];
  return (
    <Table
      label={words.runs.title}
      columns={shown}
      rows={runs}
      keyOf={(run) => String(run.id)}
      height={360}
      empty={<p className="muted">{words.runs.none}</p>}
    />
  );
}

function Progress({ run }: { run: Run }) {
  const name = `${formatShare(run.progress, 0)}${run.stage === null ? "" : `, ${run.stage}`}`;
  return (
    <span className="row small">
      <progress value={run.progress} max={1} aria-label={name} />
      {name}
    </span>
  );
}

function resultOf(run: Run): string {
  if (run.error !== null) return `${run.error_code ?? ""} ${run.error}`.trim();
  if (run.version === null) return "";
  const decision = decisionOf(run);
  const served = decision === undefined || decision.serves;
  const said = served ? words.runs.served(run.version) : words.runs.kept(run.version);
  return decision === undefined || decision.serves ? said : `${said}: ${decision.reason}`;
}

function tookOf(run: Run): string | undefined {
  if (run.started_at === null || run.finished_at === null) return undefined;
  return formatDuration(Date.parse(run.finished_at) - Date.parse(run.started_at));
}
