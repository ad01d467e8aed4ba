import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { formatCount } from "../../ui/format.ts";
import { Table, type Column } from "../../ui/table.tsx";
import { Time } from "../../ui/time.tsx";
import type { Letter } from "./queries.ts";
import { words } from "./strings.ts";

interface LettersProps {
  code: string;
  letters: readonly Letter[];
  openId: string | undefined;
  onOpen: (id: string) => void;
}

/** The letters of one code. */
export function Letters({ code, letters, openId, onOpen }: LettersProps) {
  const title = words.letters.title(code);
  return (
    <Card title={title}>
      <Table
        label={title}
        columns={columnsOf(onOpen)}
        rows={letters}
        keyOf={({ id }) => id}
        height={360}
        isPicked={({ id }) => id === openId}
      />
    </Card>
  );
}

function columnsOf(onOpen: (id: string) => void): readonly Column<Letter>[] {
  const names = words.letters.columns;
  return [
    {
      id: "received",
      header: names.received,
      cell: ({ received_at }) => <Time value={received_at} />,
      sortBy: ({ received_at }) => received_at,
    },
    { id: "detail", header: names.detail, cell: ({ detail }) => detail },
    {
      id: "replays",
      header: names.replays,
      cell: ({ replays }) => formatCount(replays),
      isNumber: true,
    },
    {
      id: "open",
      header: names.open,
      cell: ({ id, received_at }) => (
        <Button
          isSmall
          aria-label={`${words.letters.open} ${received_at}`}
          onPress={() => onOpen(id)}
        >
          {words.letters.open}
        </Button>
      ),
    },
  ];
}
