import { useState } from "react";

import { IntervalPlot } from "../../charts/interval-plot.tsx";
import { Card } from "../../ui/card.tsx";
import { formatNumber } from "../../ui/format.ts";
import { Notice } from "../../ui/notice.tsx";
import { Select } from "../../ui/select.tsx";
import { intervalsOf, type Run, type Version } from "./metrics.ts";
import { words } from "./strings.ts";

interface Props {
  versions: readonly Version[];
  runs: readonly Run[];
}

const digits = (value: number) => formatNumber(value, 3);

/** Figures of two versions side by side, with their intervals. */
export function VersionComparison({ versions, runs }: Props) {
  const [first, setFirst] = useState<string>();
  const [second, setSecond] = useState<string>();
  if (versions.length < 2) {
    return (
      <Card title={words.detail.compare}>
        <p className="muted">{words.detail.one}</p>
      </Card>
    );
  }
  const a = pick(versions, first) ?? versions[0];
  const b = pick(versions, second) ?? versions[1];
  const options = versions.map(({ version, kind }) => ({
    value: String(version),
    label: `${version} (${kind})`,
  }));
  const rows = [a, b].flatMap((one) => rowsOf(one, runs)).sort((x, y) => x.order - y.order);
  return (
    <Card title={words.detail.compare} about={words.detail.compareAbout}>
      <div className="row row-end">
        <Select
          label={words.detail.first}
          value={String(a?.version)}
          options={options}
          onChange={setFirst}
        />
        <Select
          label={words.detail.second}
          value={String(b?.version)}
          options={options}
          onChange={setSecond}
        />
      </div>
      {a?.data_digest !== b?.data_digest && <Notice tone="warn">{words.detail.differs}</Notice>}
      {rows.length === 0 ? (
        <p className="muted">{words.detail.noMetrics}</p>
      ) : (
        <IntervalPlot
          summary={rows.map(({ label, value }) => `${label}: ${digits(value)}`).join("; ")}
          rows={rows}
          format={digits}
        />
      )}
    </Card>
  );
}

const pick = (versions: readonly Version[], text: string | undefined) =>
  versions.find(({ version }) => String(version) === text);

/** Rows of one version, ordered so that those of one figure stand together. */
function rowsOf(one: Version | undefined, runs: readonly Run[]) {
  const run = runs.find(({ id }) => id === one?.training_run);
  return intervalsOf(run).map((row, order) => ({
    ...row,
    order,
    label: `${row.label} v${one?.version}`,
  }));
}
