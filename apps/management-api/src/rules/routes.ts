import type { Endpoint } from "@signalpath/contracts";
import {
  parseBody,
  parseQuery,
  pathId,
  requireKey,
  type Authenticator,
  type KitContext,
  type KitHono,
} from "@signalpath/service-kit";

import { bothForms } from "../paths.ts";
import type { Caller } from "../training/context.ts";
import { ruleEndpoints as e } from "./endpoints.ts";
import { createRuleVerbs, type RuleContext } from "./verbs.ts";

/** HTTP edge of the rules of rankings. */
export function bindRuleRoutes(
  app: KitHono,
  authenticator: Authenticator,
  context: RuleContext,
): void {
  const rules = createRuleVerbs(context);
  const bind = (
    endpoint: Endpoint & { auth: "read" | "write" },
    run: (c: KitContext, caller: Caller) => Promise<unknown>,
  ): void => {
    app.on(endpoint.method.toUpperCase(), bothForms(endpoint), async (c) => {
      const key = await requireKey(c, authenticator, endpoint.auth);
      const answer = await run(c, { key, traceHeaders: c.get("trace").headers });
      if (endpoint.status === 204) return c.body(null, 204);
      return c.json(answer as object, (endpoint.status ?? 200) as 200);
    });
  };
  bind(e.listRules, (c, who) =>
    rules.list(who, e.listRules.path, parseQuery(c, e.listRules.query)),
  );
  bind(e.createRule, async (c, who) => rules.create(who, await parseBody(c, e.createRule.body)));
  bind(e.getRule, (c, who) => rules.get(who, pathId(c, "id")));
  bind(e.changeRule, async (c, who) =>
    rules.change(who, pathId(c, "id"), await parseBody(c, e.changeRule.body)),
  );
  bind(e.removeRule, (c, who) => rules.remove(who, pathId(c, "id")));
}
