import { setTimeout as sleep } from "node:timers/promises";

import { watchFreshness } from "../freshness.ts";
import { underLoad, type CaseContext, type Load, type Row } from "../under-load.ts";

/** Until what nobody can process counts as not put aside. */
const PATIENCE_MS = 60_000;
const SUBJECT = "signals.tip.feedback";

/** Messages no release can process, each with a mark of its own and the code it must end with. */
export function poisons(mark: string): { code: string; body: string }[] {
  const now = new Date().toISOString();
  const event = { event_id: mark, project_id: 1, user_id: mark, kind: "feedback" };
  const whole = { ...event, occurred_at: now, received_at: now };
  return [
    { code: "MALFORMED_JSON", body: `{"event_id": "${mark}", ` },
    { code: "MALFORMED_JSON", body: `${mark}\u0000\u0001` },
    { code: "INVALID_EVENT", body: JSON.stringify({ ...event, project_id: "one" }) },
    { code: "INVALID_EVENT", body: JSON.stringify([mark]) },
    // A number in range for the schema, not for the store: the statement fails on data.
    { code: "STORE_REFUSED", body: JSON.stringify({ ...whole, project_id: 3_000_000_000 }) },
  ];
}

/** Every tenth message is poison, put straight on the bus among healthy traffic. */
export function poisonAmongHealthy(ctx: CaseContext): Promise<Row> {
  const { world, scale } = ctx;
  return underLoad(ctx, {
    name: "poison",
    async disturb(load) {
      const watch = watchFreshness(world.apps["user-model-updater"].map(({ url }) => url));
      const sent: { code: string; mark: string }[] = [];
      const until = performance.now() + 6_000 * scale;
      for (let n = 0; performance.now() < until; n++) {
        for (const [kind, { code, body }] of poisons(`${load.tag}~${n}~`).entries()) {
          const mark = `${load.tag}~${n}~`;
          await world.stores.publishRaw(SUBJECT, body.replaceAll(mark, `${mark}${kind}~`));
          sent.push({ code, mark: `${mark}${kind}~` });
        }
        await sleep(250);
      }
      await sleep(3_000);
      const { events, late } = await watch.stop();
      if (late > 0) load.violations.push(`slow: ${late} of ${events} neighbours waited over 5 s`);
      await allPutAside(ctx, load, sent);
      load.notes.push(`${sent.length} poisoned, ${late} of ${events} neighbours over 5 s`);
    },
  });
}

/** Exactly the poison of this run is in the dead letters, each once, with its cause. */
async function allPutAside(
  { world }: CaseContext,
  { tag, violations }: Load,
  sent: readonly { code: string; mark: string }[],
): Promise<void> {
  const own = async () =>
    (await world.stores.deadLetters()).filter(({ body }) => body.includes(`${tag}~`));
  let letters = await own();
  const deadline = performance.now() + PATIENCE_MS;
  while (letters.length < sent.length && performance.now() < deadline) {
    await sleep(500);
    letters = await own();
  }
  const missing = sent.filter(
    ({ mark, code }) => !letters.some((one) => one.body.includes(mark) && one.code === code),
  );
  if (missing.length > 0) {
    const found = letters.find(({ body }) => body.includes(missing[0]?.mark ?? ""));
    violations.push(
      `${missing.length} poisoned messages are not put aside: ${missing[0]?.code} ${missing[0]?.mark}, found ${found?.code}`,
    );
  }
  if (letters.length > sent.length) violations.push(`${letters.length} letters of ${sent.length}`);
}
