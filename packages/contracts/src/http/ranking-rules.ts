import { RULE_KINDS } from "@signalpath/domain";
import { z } from "zod";

import { MAX_ID_LENGTH } from "../limits.ts";
import { insDatetime, rowId as id, storedText } from "./common.ts";
import { pageQuery } from "./management.ts";

const word = storedText.trim().min(1).max(MAX_ID_LENGTH);
const time = z.iso.datetime({ offset: true });

const segment = z.strictObject({
  trait: word,
  value: z.union([storedText.max(MAX_ID_LENGTH), z.number(), z.boolean()]),
});
const definition = {
  name: word,
  kind: z.enum(RULE_KINDS),
  item_id: word.nullable().describe("One item; a pin names one"),
  tag: storedText
    .max(301)
    .regex(/^[^:]*\S[^:]*:.*\S/, "must be facet:label")
    .nullable()
    .describe("facet:label: every item that carries it"),
  place: z.int().min(1).max(100).nullable().describe("Of a pin: 1 is the first place"),
  strength: z
    .number()
    .positive()
    .max(1)
    .nullable()
    .describe("Of a boost or a bury: what it adds to a score or takes from it"),
  from: time.nullable(),
  until: time.nullable().describe("Not included"),
  placement: word.nullable().describe("Only lists asked with this `placement`; null = all"),
  segment: segment.nullable().describe("Only people whose trait has this value; null = everybody"),
};
/** A whole rule: `rankingRuleIssues` says what its members must be to each other. */
export const rankingRuleDefinition = z.strictObject({
  ...definition,
  item_id: definition.item_id.default(null),
  tag: definition.tag.default(null),
  place: definition.place.default(null),
  strength: definition.strength.default(null),
  from: definition.from.default(null),
  until: definition.until.default(null),
  placement: definition.placement.default(null),
  segment: definition.segment.default(null),
  is_active: z.boolean().default(true),
});
type Definition = z.output<typeof rankingRuleDefinition>;

/** What is wrong between the members of a rule, each with its path; empty = nothing. */
export function rankingRuleIssues(
  rule: Omit<Definition, "name" | "is_active">,
): { path: string; message: string }[] {
  const issues: { path: string; message: string }[] = [];
  const want = (holds: boolean, path: string, message: string) => {
    if (!holds) issues.push({ path, message });
  };
  const isPin = rule.kind === "pin";
  const moves = rule.kind === "boost" || rule.kind === "bury";
  want((rule.item_id === null) !== (rule.tag === null), "item_id", "item_id or tag, one of both");
  want(!isPin || rule.item_id !== null, "item_id", "a pin names an item");
  want(isPin === (rule.place !== null), "place", "a pin has one, and nothing else");
  want(moves === (rule.strength !== null), "strength", "a boost or a bury has one, nothing else");
  const { from, until } = rule;
  const isWindow = from === null || until === null || Date.parse(from) < Date.parse(until);
  want(isWindow, "until", "must be after from");
  return issues;
}

export const rankingRuleBody = rankingRuleDefinition.extend({ project: id });
export const rankingRuleChanges = z
  .strictObject({ ...definition, is_active: z.boolean() })
  .partial();
export const rankingRulesQuery = pageQuery.extend({
  is_active: z.enum(["true", "false"]).optional(),
});
export const rankingRule = z
  .object({
    id: z.int(),
    project: z.int(),
    name: z.string(),
    kind: z.enum(RULE_KINDS),
    item_id: z.string().nullable(),
    tag: z.string().nullable(),
    place: z.int().nullable(),
    strength: z.number().nullable(),
    from: z.string().nullable(),
    until: z.string().nullable(),
    placement: z.string().nullable(),
    segment: segment.nullable(),
    is_active: z.boolean(),
    created_at: z.string(),
    ins_datetime: insDatetime,
    updated_at: z.string(),
  })
  .meta({ id: "RankingRule" });
