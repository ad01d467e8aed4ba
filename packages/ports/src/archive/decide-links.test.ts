import fc from "fast-check";
import { expect, test } from "vitest";

import type { ProposedLink, UserKey } from "@signalpath/domain";

import { decideLinks } from "./decide-links.ts";

const key = fc.integer({ min: 0, max: 7 }).map((n) => `k${n}` as UserKey);
const proposal = fc
  .record({ kind: fc.constant("alias" as const), from: key, to: key })
  .filter(({ from, to }) => from !== to);

/** The rule in its slowest form: follow first links one by one. */
function rootByWalking(links: ReadonlyMap<UserKey, UserKey>, start: UserKey): UserKey {
  let at = start;
  for (let next = links.get(at); next !== undefined; next = links.get(at)) at = next;
  return at;
}

test("roots are where walking the first links ends, and no walk is endless", () => {
  fc.assert(
    fc.property(fc.array(proposal, { maxLength: 30 }), (proposed: ProposedLink[]) => {
      const links = new Map<UserKey, UserKey>();
      let circles = 0;
      for (const { from, to } of proposed) {
        if (links.has(from)) continue;
        if (rootByWalking(links, to) === from) circles++;
        else links.set(from, to);
      }
      const roots = new Map<UserKey, UserKey>();
      const decision = decideLinks(proposed, roots);
      expect(decision.circles).toBe(circles);
      expect(decision.accepted.map(({ from }) => from)).toEqual([...links.keys()]);
      for (const from of links.keys()) expect(roots.get(from)).toBe(rootByWalking(links, from));
      expect(roots.size).toBe(links.size);
    }),
  );
});

test("deciding in parts is deciding at once", () => {
  fc.assert(
    fc.property(fc.array(proposal, { maxLength: 30 }), fc.nat(30), (proposed, cut) => {
      const whole = new Map<UserKey, UserKey>();
      const once = decideLinks(proposed, whole);
      const parts = new Map<UserKey, UserKey>();
      const first = decideLinks(proposed.slice(0, cut), parts);
      const second = decideLinks(proposed.slice(cut), parts);
      expect(parts).toEqual(whole);
      expect([...first.accepted, ...second.accepted]).toEqual(once.accepted);
      expect(first.circles + second.circles).toBe(once.circles);
    }),
  );
});
