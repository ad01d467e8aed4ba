import { useState } from "react";

import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Time } from "../../ui/time.tsx";
import { covered } from "./cover.ts";
import type { Letter } from "./queries.ts";
import { Replay } from "./replay.tsx";
import { words } from "./strings.ts";

/** One event whole, as it was sent, with who the person is covered until asked for. */
export function OneLetter({ letter }: { letter: Letter }) {
  const [isCovered, setCovered] = useState(true);
  const { title, about, facts, show, hide, truncated } = words.one;
  const event = isCovered ? covered(letter.event) : letter.event;
  const toggle = (
    <Button isSmall onPress={() => setCovered(!isCovered)}>
      {isCovered ? show : hide}
    </Button>
  );
  return (
    <>
      <Card title={title} about={about} actions={toggle}>
        <dl className="facts">
          <dt>{facts.id}</dt>
          <dd>
            <code>{letter.id}</code>
          </dd>
          <dt>{facts.code}</dt>
          <dd>
            <code>{letter.code}</code>
          </dd>
          <dt>{facts.detail}</dt>
          <dd>{letter.detail}</dd>
          <dt>{facts.received}</dt>
          <dd>
            <Time value={letter.received_at} />
          </dd>
          <dt>{facts.replays}</dt>
          <dd>{letter.replays}</dd>
        </dl>
        {letter.truncated && <Notice tone="warn">{truncated}</Notice>}
        <CodeBlock text={typeof event === "string" ? event : JSON.stringify(event, null, 2)} />
      </Card>
      <Replay of={{ ids: [letter.id] }} />
    </>
  );
}
