import { useState } from "react";

import { Card } from "../../ui/card.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { formatCount } from "../../ui/format.ts";
import { Stat, Stats } from "../../ui/stat.tsx";
import { TextInput } from "../../ui/text-input.tsx";
import { useSampleSize } from "./queries.ts";
import { words } from "./strings.ts";

const text = words.tools;

/** Users an arm until a lift shows. */
export function SampleSize() {
  const [baseline, setBaseline] = useState("10");
  const [lift, setLift] = useState("10");
  const [perDay, setPerDay] = useState("1000");
  const [sequential, setSequential] = useState(false);
  const mean = Number(baseline) / 100;
  const isAskable = mean > 0 && mean < 1 && Number(lift) !== 0 && Number.isFinite(Number(lift));
  const size = useSampleSize(
    isAskable
      ? {
          mean,
          lift: Number(lift) / 100,
          arms: 2,
          unitsPerDay: Number(perDay) > 0 ? Number(perDay) : undefined,
          havePerArm: 0,
          sequential,
        }
      : undefined,
  );
  const shown = (value: number | null | undefined) =>
    value === undefined ? undefined : value === null ? text.never : formatCount(Math.ceil(value));
  return (
    <Card title={text.size} about={text.sizeAbout}>
      <div className="columns columns-2">
        <TextInput label={text.baseline} type="number" value={baseline} onChange={setBaseline} />
        <TextInput label={text.lift} type="number" value={lift} onChange={setLift} />
        <TextInput label={text.perDay} type="number" value={perDay} onChange={setPerDay} />
      </div>
      <label className="switch">
        <input
          type="checkbox"
          checked={sequential}
          onChange={(event) => setSequential(event.target.checked)}
        />
        {text.sequential}
      </label>
      {size.error !== null && isAskable && <ErrorState error={size.error} />}
      <Stats>
        <Stat label={text.perArm} value={shown(size.data?.per_arm)} />
        <Stat label={text.total} value={shown(size.data?.total)} />
        <Stat label={text.days} value={shown(size.data?.days)} />
      </Stats>
      <p className="muted small">{size.data?.summary ?? ""}</p>
    </Card>
  );
}
