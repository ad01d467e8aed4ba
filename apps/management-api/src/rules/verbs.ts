import {
  rankingRuleIssues,
  ServiceError,
  subjects,
  type rankingRuleBody,
  type rankingRuleChanges,
  type rankingRulesQuery,
} from "@signalpath/contracts";
import { foldTagText } from "@signalpath/domain";
import type { Projects, RankingRules, StoredRankingRule } from "@signalpath/ports";
import type { z } from "zod";

import type { Announce } from "../announce.ts";
import { offsetOf, pageOfRows } from "../page.ts";
import { listedProject, own, ownProject, type Caller } from "../training/context.ts";

const WHAT = "ranking rule";

export interface RuleContext {
  rankingRules: RankingRules;
  projects: Pick<Projects, "get">;
  announce: Announce;
}

/** Rules of rankings; recommenders hear of every change. @throws ServiceError; UnavailableError. */
export function createRuleVerbs(context: RuleContext) {
  const { rankingRules: rules, announce } = context;
  const find = async (caller: Caller, id: number) => own(caller, await rules.get(id), WHAT);
  const tell = (caller: Caller, project_id: number) =>
    announce(subjects.rankingRulesChanged, { project_id }, caller);
  return {
    async list(caller: Caller, path: string, request: z.output<typeof rankingRulesQuery>) {
      const { project, is_active } = request;
      const { count, rows } = await rules.list({
        ...(await listedProject(context, caller, project)),
        ...(is_active === undefined ? {} : { is_active: is_active === "true" }),
        offset: offsetOf(request),
        limit: request.page_size,
      });
      const filters = {
        ...(project === 0 ? {} : { project: String(project) }),
        ...(is_active === undefined ? {} : { is_active }),
      };
      return pageOfRows(path, request, filters, { count, results: rows.map(shownRule) });
    },
    async create(caller: Caller, { project, ...body }: z.output<typeof rankingRuleBody>) {
      const project_id = await ownProject(context, caller, project);
      const definition = folded(body);
      assertRule(definition);
      const rule = await rules.create({ ...definition, project_id });
      await tell(caller, project_id);
      return shownRule(rule);
    },
    get: async (caller: Caller, id: number) => shownRule(await find(caller, id)),
    async change(caller: Caller, id: number, body: z.output<typeof rankingRuleChanges>) {
      const { project_id } = await find(caller, id);
      // What is not given is absent, not undefined: the rest of the rule stays.
      const changes = folded(
        Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)),
      );
      const rule = await rules.update(id, (current) => {
        assertRule({ ...current, ...changes });
        return changes;
      });
      await tell(caller, project_id);
      return shownRule(own(caller, rule, WHAT));
    },
    async remove(caller: Caller, id: number) {
      const { project_id } = await find(caller, id);
      await rules.remove(id);
      await tell(caller, project_id);
    },
  };
}

/** Tags as ranking compares them. */
function folded<R extends { tag?: string | null | undefined }>(rule: R): R {
  return typeof rule.tag === "string" ? { ...rule, tag: foldTagText(rule.tag) } : rule;
}

function assertRule(rule: Parameters<typeof rankingRuleIssues>[0]): void {
  const issues = rankingRuleIssues(rule);
  if (issues.length === 0) return;
  throw new ServiceError("VALIDATION_FAILED", "the request is not valid", { issues });
}

function shownRule({ project_id: project, ...rule }: StoredRankingRule) {
  return { ...rule, project, ins_datetime: rule.created_at };
}
