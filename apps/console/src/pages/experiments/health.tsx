import { formatCount, formatNumber, formatShare } from "../../ui/format.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { Stat, Stats } from "../../ui/stat.tsx";
import { useSampleSize, type Results } from "./queries.ts";
import { formatP, trafficOf } from "./readings.ts";
import { words } from "./strings.ts";

const text = words.health;
const TONES: Readonly<Record<Results["health"]["status"], Tone>> = {
  ok: "good",
  warning: "warn",
  red: "bad",
  not_enough_traffic: "plain",
};
/** The lift that time left is told for, relative. */
const WORTH = 0.05;

/** May the figures below be believed? Sample ratio, flips, traffic, time left. */
export function Health({ results }: { results: Results }) {
  const { health } = results;
  const { srm, flips } = health;
  const traffic = trafficOf(results);
  const notes = [
    ...(health.bots > 0 ? [text.bots(formatCount(health.bots))] : []),
    ...(health.without_key > 0 ? [text.withoutKey(formatCount(health.without_key))] : []),
    ...(health.unknown_variations.length > 0
      ? [
          text.unknownArms(
            health.unknown_variations
              .map((one) => `${one.variation_index} (${formatCount(one.count)})`)
              .join(", "),
          ),
        ]
      : []),
  ];
  return (
    <Card
      title={text.title}
      about={health.summary}
      actions={<Badge tone={TONES[health.status]}>{text.words[health.status]}</Badge>}
    >
      <Stats>
        <Stat
          label={text.srm}
          value={text.srmWords[srm.status]}
          note={text.srmNote(formatP(srm.p), formatNumber(srm.gap_points))}
        />
        <Stat
          label={text.flips}
          value={formatShare(flips.share)}
          note={text.flipsNote(formatCount(flips.count))}
        />
        <Stat
          label={text.traffic}
          value={formatCount(traffic.users)}
          note={text.trafficNote(formatCount(traffic.perDay))}
        />
        <TimeLeft results={results} />
      </Stats>
      {notes.map((note) => (
        <p key={note} className="small">
          {note}
        </p>
      ))}
    </Card>
  );
}

/** Days until the first goal would show a lift worth having, by the rate of its control. */
function TimeLeft({ results }: { results: Results }) {
  const goal = results.metrics.find((metric) => !metric.guardrail && metric.kind === "binary");
  const control = goal?.arms.find((arm) => arm.index === 0);
  const { perDay } = trafficOf(results);
  const arms = goal?.arms.length ?? 0;
  const isKnown = control !== undefined && control.mean > 0 && control.mean < 1 && perDay > 0;
  const size = useSampleSize(
    isKnown && arms >= 2
      ? {
          mean: control.mean,
          lift: WORTH,
          arms,
          unitsPerDay: perDay,
          havePerArm: Math.min(...(goal?.arms.map((arm) => arm.n) ?? [0])),
          sequential: true,
        }
      : undefined,
  );
  const days = size.data?.days;
  const mde = size.data?.minimum_detectable_effect;
  const value =
    size.data === undefined
      ? text.unknown
      : days === 0
        ? text.done
        : days == null
          ? text.unknown
          : `${formatCount(Math.ceil(days))} d`;
  return (
    <Stat
      label={text.left}
      value={value}
      note={text.leftNote(formatShare(WORTH, 0), mde == null ? undefined : formatShare(mde, 0))}
    />
  );
}
