import { Link } from "@tanstack/react-router";

import { Card } from "../../ui/card.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { curl } from "../../ui/curl.ts";
import { formatShare } from "../../ui/format.ts";
import { Loaded } from "../../ui/loaded.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { Time } from "../../ui/time.tsx";
import { ExperimentActions } from "./experiment-actions.tsx";
import { Health } from "./health.tsx";
import { MetricCard } from "./metric-card.tsx";
import {
  useExperiment,
  useExperimentActions,
  usePromotion,
  useResults,
  type Experiment,
  type Results,
} from "./queries.ts";
import { StatusBadge } from "./status-badge.tsx";
import { words } from "./strings.ts";

/** One experiment: health first, then each metric, then how it is set up. */
export function ExperimentPage({ id }: { id: string }) {
  const experiment = useExperiment(id);
  const results = useResults(id);
  const exposed = (results.data?.metrics[0]?.arms ?? []).some((arm) => arm.n > 0);
  return (
    <Page
      title={experiment.data?.name ?? words.title}
      question={words.question}
      actions={
        <>
          <Link to="/experiments">{words.all}</Link>
          {experiment.data !== undefined && (
            <ExperimentActions experiment={experiment.data} results={results.data} />
          )}
        </>
      }
    >
      {experiment.data !== undefined && <Promoted experiment={experiment.data} />}
      <Loaded query={results}>
        {(data) => (
          <>
            <Health results={data} />
            {!exposed && <NotExposed id={id} />}
            {data.metrics.length === 0 && <Notice>{words.noMetrics}</Notice>}
            {goalsOf(data) > 1 && data.options.correction !== "none" && (
              <Notice>{words.corrected(data.options.correction, goalsOf(data))}</Notice>
            )}
            {data.metrics.map((metric) => (
              <MetricCard key={metric.name} id={id} metric={metric} />
            ))}
          </>
        )}
      </Loaded>
      <Loaded query={experiment}>{(data) => <Settings experiment={data} />}</Loaded>
    </Page>
  );
}

const goalsOf = (results: Results) => results.metrics.filter((metric) => !metric.guardrail).length;

/** Said while everybody gets a variation of this experiment. */
function Promoted({ experiment }: { experiment: Experiment }) {
  const promotion = usePromotion(experiment.id);
  const { undo } = useExperimentActions();
  const ranking = promotion.data?.ranking;
  if (ranking === undefined || ranking === null) return null;
  const arm = experiment.variations.find(({ index }) => index === ranking.variation_index);
  return (
    <Notice tone="good">
      <div className="row">
        <p>{words.promoted.text(arm?.name ?? "–")}</p>
        <ConfirmDialog
          trigger={words.promoted.undo}
          title={words.promoted.title}
          confirm={words.promoted.undo}
          isDanger
          onConfirm={() => undo(experiment.id)}
        >
          <p>{words.promoted.about}</p>
        </ConfirmDialog>
      </div>
    </Notice>
  );
}

function NotExposed({ id }: { id: string }) {
  const body = { exposures: [{ user_id: "nora", variation_index: 1 }] };
  return (
    <Notice>
      <div className="stack">
        <p>{words.noExposures}</p>
        <CodeBlock text={curl(`/api/v1/experiments/${id}/exposures`, { method: "POST", body })} />
      </div>
    </Notice>
  );
}

function Settings({ experiment }: { experiment: Experiment }) {
  const { facts } = words;
  const arms = experiment.variations.map(({ name, weight }) => `${name} ${formatShare(weight, 0)}`);
  return (
    <Card title={words.settings}>
      <dl className="facts">
        <dt>{facts.status}</dt>
        <dd>
          <StatusBadge status={experiment.status} />
        </dd>
        <dt>{words.columns.arms}</dt>
        <dd>{arms.join(", ")}</dd>
        <dt>{facts.coverage}</dt>
        <dd>{formatShare(experiment.coverage, 0)}</dd>
        <dt>{facts.window}</dt>
        <dd>{experiment.conversion_window_hours} h</dd>
        <dt>{facts.started}</dt>
        <dd>{experiment.started_at === null ? "–" : <Time value={experiment.started_at} />}</dd>
        <dt>{facts.stopped}</dt>
        <dd>{experiment.stopped_at === null ? "–" : <Time value={experiment.stopped_at} />}</dd>
        <dt>{facts.seed}</dt>
        <dd>
          <code>{experiment.hash_seed}</code>
        </dd>
        <dt>{facts.id}</dt>
        <dd>
          <code>{experiment.id}</code>
        </dd>
      </dl>
    </Card>
  );
}
