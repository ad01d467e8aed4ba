import { useState } from "react";

import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Time } from "../../ui/time.tsx";
import { useWholeLetter, type Letter } from "./queries.ts";
import { Replay } from "./replay.tsx";
import { words } from "./strings.ts";

/** One event: the server covers who the person is until a key that may asks for it as it was sent. */
export function OneLetter({ letter }: { letter: Letter }) {
  const [isCovered, setCovered] = useState(true);
  const original = useWholeLetter(letter.id, !isCovered);
  const { title, about, facts, show, hide, truncated, gone } = words.one;
  const event = isCovered ? letter.event : (original.data?.event ?? letter.event);
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
        {!isCovered && original.error !== null && <ErrorState error={original.error} />}
        {!isCovered && original.data === null && <Notice tone="warn">{gone}</Notice>}
        {letter.truncated && <Notice tone="warn">{truncated}</Notice>}
        <CodeBlock text={typeof event === "string" ? event : JSON.stringify(event, null, 2)} />
      </Card>
      <Replay of={{ ids: [letter.id] }} />
    </>
  );
}
