import { useState } from "react";

import { ErrorState } from "../../ui/error-state.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { formatCount, formatNumber, formatShare } from "../../ui/format.ts";
import { Notice } from "../../ui/notice.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { Stat, Stats } from "../../ui/stat.tsx";
import { Flow } from "./flow.tsx";
import { NAMES, sumOf, type LiveState } from "./live-state.ts";
import { words } from "./strings.ts";
import { StreamTable } from "./stream-table.tsx";
import { useLive, type Live } from "./use-live.ts";

const TONES = { connecting: "plain", open: "good", lost: "bad" } as const;
/** Seconds the rate is the mean of. */
const RATE_SECONDS = 10;

/** What arrives, as it arrives. */
export function Page() {
  const live = useLive();
  const [frozen, setFrozen] = useState<LiveState>();
  const { state, connection } = live;
  const actions = (
    <>
      <Badge tone={TONES[connection]}>{words.connection[connection]}</Badge>
      <Button onPress={() => setFrozen(frozen === undefined ? state : undefined)}>
        {frozen === undefined ? words.pause : words.resume}
      </Button>
    </>
  );
  return (
    <Frame title={words.title} question={words.question} actions={actions}>
      {live.error !== undefined && <ErrorState error={live.error} />}
      <Health live={live} />
      <Counts state={state} />
      <StreamTable state={frozen ?? state} isPaused={frozen !== undefined} />
      <Flow state={state} />
    </Frame>
  );
}

function Health({ live: { state } }: { live: Live }) {
  const degraded = state.seconds.at(-1)?.degraded ?? [];
  return (
    <>
      {degraded.length > 0 && (
        <Notice tone="warn" title={words.degraded}>
          {degraded.join("; ")}
        </Notice>
      )}
      {state.gap !== undefined && (
        <Notice tone="warn">{words.gap(words.gapReasons[state.gap.reason])}</Notice>
      )}
    </>
  );
}

function Counts({ state }: { state: LiveState }) {
  const { totals, seconds } = state;
  const recent = seconds.slice(-RATE_SECONDS);
  const sum = recent.reduce((all, second) => all + sumOf(second.totals), 0);
  const all = sumOf(totals);
  return (
    <Stats>
      <Stat
        label={words.rate}
        value={recent.length === 0 ? undefined : formatNumber(sum / recent.length, 1)}
        unit="/s"
        note={words.rateNote}
      />
      {NAMES.map((name) => (
        <Stat
          key={name}
          label={words.verdicts[name]}
          value={formatCount(totals[name])}
          note={all === 0 ? "" : words.ofAll(formatShare(totals[name] / all))}
        />
      ))}
    </Stats>
  );
}
