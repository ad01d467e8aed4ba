import type { Letter } from "./queries.ts";

/** Letters of one cause of one service. */
export interface Group {
  key: string;
  code: string;
  app: string;
  count: number;
  /** ISO 8601. */
  newest: string;
}

/** By code and service, the largest first. */
export function groupsOf(
  letters: readonly Pick<Letter, "code" | "app" | "received_at">[],
): Group[] {
  const groups = new Map<string, Group>();
  for (const { code, app, received_at } of letters) {
    const key = `${code}/${app}`;
    const group = groups.get(key) ?? { key, code, app, count: 0, newest: received_at };
    group.count++;
    if (received_at > group.newest) group.newest = received_at;
    groups.set(key, group);
  }
  return [...groups.values()].toSorted((a, b) => b.count - a.count);
}
