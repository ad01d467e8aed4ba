import { subjects } from "@signalpath/contracts";
import {
  createRuleBook,
  type ActiveRules,
  type RankingRule,
  type RuleBook,
  type RuleMoment,
} from "@signalpath/domain";
import type { Bus, RankingRules } from "@signalpath/ports";
import type { Logger } from "@signalpath/service-kit";

import { followTable } from "./followed-table.ts";

/** Everything is re-read this often, whatever was heard, milliseconds. */
const REFRESH_MS = 60_000;
/** After a failed read the next one comes sooner, milliseconds. */
const RETRY_MS = 2_000;
const PAGE = 500;

/** Active rules of all projects in memory, seconds behind at most. */
export interface RuleFeed {
  /** Listens, then reads. A store that is down is retried, not thrown. */
  start(): Promise<void>;
  close(): Promise<void>;
  /** Rules that hold for one list, without what only rows have. */
  rulesFor(projectId: number, list: RuleMoment): ActiveRules;
  /** True while the last reading failed or there was none: rules are the last ones known. */
  degraded(): boolean;
}

const NONE: ActiveRules = { key: "", rules: [] };

interface KnownBook {
  book: RuleBook;
  /** The rules as text: a reading that finds the same ones changes nothing. */
  text: string;
}

/**
 * Reads the table at start, when `content.rules.changed` is heard, after a reconnect of the bus and
 * every 60 s. Serving compares times, a placement and a trait.
 */
export function createRuleFeed(deps: {
  rankingRules: Pick<RankingRules, "list">;
  bus: Pick<Bus, "hear" | "onReconnect">;
  logger: Logger;
}): RuleFeed {
  const { rankingRules, bus, logger } = deps;
  let byProject: ReadonlyMap<number, KnownBook> = new Map();
  let revision = 0;

  const table = followTable({
    subjects: [subjects.rankingRulesChanged],
    read: async () => {
      byProject = new Map(
        [...(await readRules(rankingRules))].map(([id, rules]) => [id, bookOf(id, rules)]),
      );
    },
    pauseMs: (failed) => (failed ? RETRY_MS : REFRESH_MS),
    what: "reading ranking rules",
    bus,
    logger,
  });

  function bookOf(projectId: number, rules: readonly RankingRule[]): KnownBook {
    const text = JSON.stringify(rules);
    const known = byProject.get(projectId);
    if (known?.text === text) return known;
    return { text, book: createRuleBook(rules, String(++revision)) };
  }

  return {
    start: () => table.start(),
    close: () => table.close(),
    rulesFor: (projectId, list) => byProject.get(projectId)?.book.active(list) ?? NONE,
    degraded: () => table.failing(),
  };
}

async function readRules(
  rankingRules: Pick<RankingRules, "list">,
): Promise<Map<number, RankingRule[]>> {
  const byProject = new Map<number, Map<number, RankingRule>>();
  for (let offset = 0; ; offset += PAGE) {
    const { rows } = await rankingRules.list({ is_active: true, offset, limit: PAGE });
    for (const { project_id, is_active: _active, created_at: _at, ...rule } of rows) {
      const own = byProject.get(project_id) ?? new Map<number, RankingRule>();
      // One that is removed meanwhile moves the others: the same row may come twice.
      byProject.set(project_id, own.set(rule.id, rule));
    }
    if (rows.length < PAGE) break;
  }
  return new Map([...byProject].map(([projectId, rules]) => [projectId, [...rules.values()]]));
}
