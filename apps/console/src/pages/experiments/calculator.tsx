import { useState } from "react";

import { IntervalPlot } from "../../charts/interval-plot.tsx";
import { Card } from "../../ui/card.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { formatShare } from "../../ui/format.ts";
import { Stat, Stats } from "../../ui/stat.tsx";
import { TextInput } from "../../ui/text-input.tsx";
import { useCalculation } from "./queries.ts";
import { formatLift, formatP, readingsOf } from "./readings.ts";
import { words } from "./strings.ts";

const text = words.tools;
const START = [
  { users: "1000", conversions: "100" },
  { users: "1000", conversions: "120" },
];

/** The readings of two arms typed in. */
export function Calculator() {
  const [arms, setArms] = useState(START);
  const counts = arms.map(({ users, conversions }) => ({
    users: Number(users),
    conversions: Number(conversions),
  }));
  const isRight = counts.every(
    ({ users, conversions }) =>
      Number.isInteger(users) &&
      Number.isInteger(conversions) &&
      users >= conversions &&
      conversions >= 0,
  );
  const calculation = useCalculation(isRight ? counts : undefined);
  const comparison = calculation.data?.comparisons[0];
  const rows = comparison === undefined ? [] : readingsOf(comparison);
  const change = (index: number, field: "users" | "conversions", value: string) =>
    setArms((before) => before.map((arm, at) => (at === index ? { ...arm, [field]: value } : arm)));
  return (
    <Card title={text.calculator} about={text.calculatorAbout}>
      <div className="columns columns-2">
        {arms.map((arm, index) => {
          const name = text.arm[index] ?? "";
          return (
            <div key={name} className="stack">
              <TextInput
                label={text.users(name)}
                type="number"
                value={arm.users}
                onChange={(value) => change(index, "users", value)}
              />
              <TextInput
                label={text.conversions(name)}
                type="number"
                value={arm.conversions}
                onChange={(value) => change(index, "conversions", value)}
              />
            </div>
          );
        })}
      </div>
      {!isRight && <p role="alert">{text.wrong}</p>}
      {calculation.error !== null && isRight && <ErrorState error={calculation.error} />}
      {comparison !== undefined && isRight && (
        <>
          <Stats>
            <Stat
              label={words.metric.columns.lift}
              value={comparison.error ?? formatLift(comparison.lift)}
            />
            <Stat
              label={words.metric.columns.p}
              value={formatP(comparison.always_valid.p)}
              note={`${words.metric.readings.fixed}: ${formatP(comparison.fixed.p)}`}
            />
            <Stat
              label={words.metric.columns.chance}
              value={formatShare(comparison.bayesian.chance_to_win)}
            />
          </Stats>
          {rows.length > 0 && (
            <IntervalPlot
              summary={rows
                .map(
                  ({ label, low, high }) => `${label}: ${formatLift(low)} to ${formatLift(high)}`,
                )
                .join("; ")}
              rows={rows}
              reference={0}
              format={formatLift}
            />
          )}
        </>
      )}
    </Card>
  );
}
