import { Link } from "@tanstack/react-router";

import { IntervalPlot } from "../../charts/interval-plot.tsx";
import { Card } from "../../ui/card.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { formatNumber } from "../../ui/format.ts";
import { Loaded } from "../../ui/loaded.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { Artefact } from "./artefact.tsx";
import { History } from "./history.tsx";
import { intervalsOf, opponentsOf, type Run, type Version } from "./metrics.ts";
import { useModel, useModelActions, useRuns, useVersions } from "./queries.ts";
import { RunLog } from "./run-log.tsx";
import { Runs } from "./runs.tsx";
import { StatusBadge } from "./status-badge.tsx";
import { words } from "./strings.ts";
import { Versions } from "./versions.tsx";
import { VersionComparison } from "./version-comparison.tsx";

/** One model: what was measured, its versions, its artefact, its runs. */
export function ModelPage({ id: text }: { id: string }) {
  if (!/^\d{1,9}$/.test(text)) {
    return (
      <Page title={words.title}>
        <Notice tone="warn">{words.detail.missing}</Notice>
      </Page>
    );
  }
  return <KnownModel id={Number(text)} />;
}

function KnownModel({ id }: { id: number }) {
  const model = useModel(id);
  const versions = useVersions(id);
  const runs = useRuns(id);
  const { retrain } = useModelActions();
  const all = runs.data?.results ?? [];
  return (
    <Page
      title={model.data?.name ?? words.title}
      question={words.question}
      actions={
        <>
          <Link to="/models">{words.detail.back}</Link>
          <ConfirmDialog
            trigger={words.detail.retrain}
            title={words.detail.retrainTitle}
            confirm={words.detail.retrain}
            isDisabled={all.length === 0}
            onConfirm={() => retrain(id)}
          >
            <p>{words.detail.retrainText}</p>
          </ConfirmDialog>
        </>
      }
    >
      <Loaded query={model}>
        {({ kind, version, status }) => (
          <p className="row">
            <StatusBadge status={status} /> {kind}, {words.models.version(version)}
          </p>
        )}
      </Loaded>
      <Loaded query={versions}>
        {({ results }) => (
          <>
            <Quality versions={results} runs={all} />
            <Card title={words.detail.versions} about={words.detail.versionsAbout}>
              <Versions versions={results} runs={all} />
            </Card>
            <History id={id} />
            <VersionComparison versions={results} runs={all} />
            <Artefact versions={results} />
          </>
        )}
      </Loaded>
      <Card title={words.runs.title}>
        <Loaded query={runs}>
          {({ results }) => (
            <Runs runs={results} models={model.data === undefined ? [] : [model.data]} />
          )}
        </Loaded>
        <RunLog run={all[0]?.id} />
      </Card>
    </Page>
  );
}

function Quality({ versions, runs }: { versions: readonly Version[]; runs: readonly Run[] }) {
  const serving = versions.find((version) => version.serving);
  const run = runs.find((one) => one.id === serving?.training_run);
  const rows = intervalsOf(run);
  const against = opponentsOf(run);
  const said = (name: string, list: typeof rows) =>
    `${name}: ${list.map(({ label, value, low, high }) => `${label} ${digits(value)} (${digits(low)} to ${digits(high)})`).join("; ")}`;
  return (
    <div className="columns columns-2">
      <Card title={words.detail.quality} about={words.detail.qualityAbout}>
        {rows.length === 0 ? (
          <p className="muted">{words.detail.noMetrics}</p>
        ) : (
          <IntervalPlot summary={said(words.detail.quality, rows)} rows={rows} format={digits} />
        )}
      </Card>
      {against.length > 0 && (
        <Card title={words.detail.against} about={words.detail.againstAbout}>
          <IntervalPlot
            summary={said(words.detail.against, against)}
            rows={against}
            reference={0}
            format={digits}
          />
        </Card>
      )}
    </div>
  );
}

const digits = (value: number) => formatNumber(value, 3);
