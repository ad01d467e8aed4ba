import type { SystemAnswer } from "@signalpath/contracts";

import { Card } from "../../ui/card.tsx";
import { formatCount } from "../../ui/format.ts";
import { Loaded } from "../../ui/loaded.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { Stat, Stats } from "../../ui/stat.tsx";
import { Caches, Dependencies, Lag } from "./parts.tsx";
import { useReadiness, useSystem, type Readiness } from "./queries.ts";
import { Services } from "./services.tsx";
import { words } from "./strings.ts";

/** What runs, what it stands on, and how far behind it is. */
export function Page() {
  const system = useSystem();
  const readiness = useReadiness();
  return (
    <Frame title={words.title} question={words.question}>
      <Figures system={system.data} />
      <Loaded query={readiness} height={60}>
        {(answer) => <Ready {...answer} />}
      </Loaded>
      <Loaded query={system} height={320}>
        {({ services }) => <Services services={services} />}
      </Loaded>
      <div className="columns columns-2">
        <Loaded query={readiness}>
          {({ dependencies }) => <Dependencies all={dependencies} />}
        </Loaded>
        <Loaded query={system}>{({ lag }) => <Lag all={lag} />}</Loaded>
      </div>
      <Caches />
      <Card title={words.links.title}>
        <div className="row">
          <a href="/metrics">{words.links.metrics}</a>
          <a href="/readyz">{words.links.ready}</a>
          <a href="/docs">{words.links.docs}</a>
          <a href="/openapi.json">{words.links.openapi}</a>
        </div>
      </Card>
    </Frame>
  );
}

function Figures({ system }: { system: SystemAnswer | undefined }) {
  const processes = system?.services.flatMap(({ instances }) => instances).length;
  const bad = system?.services.filter(({ status }) => status !== "up").length;
  const waiting = system?.lag.reduce((sum, { pending }) => sum + pending, 0);
  const text = (value: number | undefined) =>
    value === undefined ? undefined : formatCount(value);
  return (
    <Stats>
      <Stat
        label={words.figures.services}
        value={text(system?.services.length)}
        note={processes === undefined ? undefined : words.figures.instances(processes)}
      />
      <Stat label={words.figures.degraded} value={text(bad)} />
      <Stat label={words.figures.lag} value={text(waiting)} />
      <Stat
        label={words.figures.clients}
        value={text(system?.live.clients)}
        note={system === undefined ? undefined : words.figures.of(system.live.limit)}
      />
      <Stat label={words.figures.version} value={system?.version} />
    </Stats>
  );
}

function Ready({ ready, dependencies }: Readiness) {
  if (ready) return <Notice tone="good">{words.ready}</Notice>;
  const down = Object.entries(dependencies).filter(([, text]) => text !== "up");
  return (
    <Notice tone="bad" title={words.notReady} isAlert>
      {down.map(([name, text]) => (
        <p key={name}>
          {name}: {text}
        </p>
      ))}
    </Notice>
  );
}
