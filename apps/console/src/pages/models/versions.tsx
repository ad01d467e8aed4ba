import { Badge } from "../../ui/badge.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { formatNumber } from "../../ui/format.ts";
import { Table, type Column } from "../../ui/table.tsx";
import { Time } from "../../ui/time.tsx";
import { decisionOf, figureOf, type Run, type Version } from "./metrics.ts";
import { useModelActions } from "./queries.ts";
import { words } from "./strings.ts";

/** Versions, newest first, each with the way to make it serve. */
export function Versions({
  versions,
  runs,
}: {
  versions: readonly Version[];
  runs: readonly Run[];
}) {
  const { promote } = useModelActions();
  const serving = versions.find((version) => version.serving)?.version ?? null;
  const { columns } = words.detail;
  const shown: Column<Version>[] = [
    {
      id: "version",
      header: columns.version,
      isNumber: true,
      sortBy: ({ version }) => version,
      cell: ({ version }) => version,
    },
    {
      id: "state",
      header: columns.state,
      cell: (one) =>
        one.serving ? (
          <Badge tone="good">{words.detail.serving}</Badge>
        ) : (
          <Badge>{words.detail.stored}</Badge>
        ),
    },
    { id: "kind", header: columns.kind, cell: ({ kind }) => kind },
    {
      id: "quality",
      header: columns.quality,
      isNumber: true,
      sortBy: ({ metrics }) => figureOf(metrics) ?? -1,
      cell: ({ metrics }) => {
        const figure = figureOf(metrics);
        return figure === undefined ? words.models.notMeasured : formatNumber(figure, 3);
      },
    },
    {
      id: "decision",
      header: columns.decision,
      cell: (one) => decisionOf(runs.find(({ id }) => id === one.training_run))?.reason ?? "–",
    },
    { id: "made", header: columns.made, cell: (one) => <Time value={one.created_at} ago /> },
    {
      id: "act",
      header: columns.act,
      cell: (one) => {
        if (one.serving) return null;
        const isBack = serving !== null && one.version < serving;
        const { rollBack, promote: serve, promoteTitle, promoteText } = words.detail;
        const name = isBack ? rollBack(one.version) : serve(one.version);
        return (
          <ConfirmDialog
            trigger={name}
            title={promoteTitle(one.version)}
            confirm={name}
            onConfirm={() => promote(one.trained_model, one.version)}
          >
            <p>{promoteText(serving)}</p>
          </ConfirmDialog>
        );
      },
    },
  ];
  return (
    <Table
      label={words.detail.versions}
      columns={shown}
      rows={versions}
      keyOf={({ version }) => String(version)}
      isPicked={(one) => one.serving}
    />
  );
}
