import { formatTime } from "../../ui/format.ts";
import { useRunDetail } from "./queries.ts";
import { words } from "./strings.ts";

/** What the last run said about itself, oldest line first. */
export function RunLog({ run }: { run: number | undefined }) {
  const detail = useRunDetail(run);
  const logs = detail.data?.logs ?? [];
  if (logs.length === 0) return null;
  return (
    <details>
      <summary>{words.detail.log}</summary>
      <ol className="mono small">
        {logs.map((line) => (
          <li key={line.sequence}>
            {formatTime(new Date(line.logged_at))} {line.level} {line.message}
          </li>
        ))}
      </ol>
    </details>
  );
}
