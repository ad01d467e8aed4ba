import { useState } from "react";

import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { curl } from "../../ui/curl.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { formatCount } from "../../ui/format.ts";
import { Loaded } from "../../ui/loaded.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { Time } from "../../ui/time.tsx";
import { useGoTo, usePageId } from "../../ui/use-page-id.ts";
import { groupsOf, type Group } from "./groups.ts";
import { Letters } from "./letters.tsx";
import { OneLetter } from "./one-letter.tsx";
import { useLetters, type Letter } from "./queries.ts";
import { Replay } from "./replay.tsx";
import { words } from "./strings.ts";

/** What was refused, by cause; the code is in the address. */
export function Page() {
  const letters = useLetters();
  return (
    <Frame title={words.title} question={words.question}>
      <Loaded query={letters} height={320}>
        {({ dead_letters: all, next }) =>
          all.length === 0 ? <Nothing /> : <Letterbox all={all} hasMore={next !== null} />
        }
      </Loaded>
    </Frame>
  );
}

function Nothing() {
  const body = { type: "track", event: "Tip Liked", messageId: "nobody-1", properties: {} };
  const command = curl("/api/ingest", { method: "POST", body });
  return <EmptyState title={words.none} text={words.noneText} command={command} />;
}

function Letterbox({ all, hasMore }: { all: readonly Letter[]; hasMore: boolean }) {
  const code = usePageId();
  const goTo = useGoTo();
  const [openId, setOpenId] = useState<string>();
  const groups = groupsOf(all);
  const shown = all.filter((letter) => letter.code === code);
  const open = shown.find(({ id }) => id === openId);
  const choose = (next: string) => {
    setOpenId(undefined);
    goTo("dead-letters", next);
  };
  return (
    <>
      <Card title={words.groups.title} about={words.groups.about(all.length, hasMore)}>
        <Table
          label={words.groups.title}
          columns={columnsOf(choose)}
          rows={groups}
          keyOf={({ key }) => key}
          isPicked={(group) => group.code === code}
        />
      </Card>
      {code !== undefined && (
        <>
          <Letters code={code} letters={shown} openId={openId} onOpen={setOpenId} />
          <Replay key={code} of={{ code }} />
        </>
      )}
      {open !== undefined && <OneLetter key={open.id} letter={open} />}
    </>
  );
}

function columnsOf(onOpen: (code: string) => void): readonly Column<Group>[] {
  const names = words.groups.columns;
  return [
    {
      id: "code",
      header: names.code,
      cell: ({ code }) => <code>{code}</code>,
      sortBy: ({ code }) => code,
    },
    { id: "app", header: names.app, cell: ({ app }) => app, sortBy: ({ app }) => app },
    {
      id: "count",
      header: names.count,
      cell: ({ count }) => formatCount(count),
      sortBy: ({ count }) => count,
      isNumber: true,
    },
    {
      id: "last",
      header: names.last,
      cell: ({ newest }) => <Time value={newest} ago />,
      sortBy: ({ newest }) => newest,
    },
    {
      id: "open",
      header: words.groups.open,
      cell: ({ code, app }) => (
        <Button
          isSmall
          aria-label={`${words.groups.open} ${code}, ${app}`}
          onPress={() => onOpen(code)}
        >
          {words.groups.open}
        </Button>
      ),
    },
  ];
}
