import {
  pageOf,
  rankingRule,
  rankingRuleBody,
  rankingRuleChanges,
  rankingRulesQuery,
  type Endpoint,
} from "@signalpath/contracts";
import { z } from "zod";

const path = "/api/v1/ranking_rule/";
const tag = "ranking";
const read = { auth: "read", errors: [404, 422, 503] } as const;
const write = { auth: "write", errors: [400, 404, 413, 415, 422, 503] } as const;

/** Rules of rankings. Paths answer with and without their last slash. */
export const ruleEndpoints = {
  listRules: {
    path,
    tag,
    ...read,
    method: "get",
    summary: "Rules that pin, boost, bury or exclude",
    query: rankingRulesQuery,
    response: pageOf(rankingRule),
  },
  createRule: {
    path,
    tag,
    ...write,
    method: "post",
    summary: "A new rule; lists follow it within seconds",
    body: rankingRuleBody,
    status: 201,
    response: rankingRule,
  },
  getRule: {
    path: `${path}{id}/`,
    tag,
    ...read,
    method: "get",
    summary: "One rule",
    response: rankingRule,
  },
  changeRule: {
    path: `${path}{id}/`,
    tag,
    ...write,
    method: "patch",
    summary: "Change what is given",
    body: rankingRuleChanges,
    response: rankingRule,
  },
  removeRule: {
    path: `${path}{id}/`,
    tag,
    ...write,
    method: "delete",
    summary: "Delete a rule",
    status: 204,
    response: z.null().describe("No content"),
  },
} as const satisfies Record<string, Endpoint>;
