import { setTimeout as sleep } from "node:timers/promises";

import type { ReplayResponse } from "@signalpath/contracts";

import { between } from "../random.ts";
import { failureOf } from "../sender.ts";
import { underLoad, type CaseContext, type Load, type Row } from "../under-load.ts";
import { SERVERS } from "../world.ts";

const LETTERS = 60;
const CODE = "HANDLER_FAILED";
const PATIENCE_MS = 60_000;
const TIMEOUT_MS = 30_000;

/**
 * Letters of healthy events are sent again through both webhooks at the same time while NATS, Redis
 * and Postgres are killed in turns: each event ends in the archive once, and no letter is left.
 */
export function redrive(ctx: CaseContext): Promise<Row> {
  const { world, random } = ctx;
  return underLoad(ctx, {
    name: "redrive",
    rate: 60,
    async disturb(load) {
      await putLettersAside(ctx, load);
      const answers = new Map<string, number>();
      const saw = (what: string) => answers.set(what, (answers.get(what) ?? 0) + 1);
      let going = true;
      const replaying = world.apps["ingest-webhook"].map(async ({ url }) => {
        for (;;) {
          if (!going) return;
          saw(await replayAll(ctx, load, url));
          await sleep(200);
        }
      });
      for (const name of SERVERS) {
        await sleep(between(random, 100, 600));
        await world.servers[name].kill("SIGKILL");
        await sleep(between(random, 300, 1_500));
        await world.servers[name].start();
        // More of them, so that each server is away while there is something to send.
        await putLettersAside(ctx, load);
      }
      await allGone(ctx, load);
      going = false;
      await Promise.all(replaying);
      const url = world.apps["ingest-webhook"][0]?.url ?? "";
      const again = await replayAll(ctx, load, url);
      if (again !== "replayed 0") load.violations.push(`with no letter left: ${again}`);
      load.notes.push(`replays: ${[...answers].map((pair) => pair.join(" x ")).join(", ")}`);
    },
  });
}

/** Events as an updater leaves them that failed on each: good ones, that can be replayed. */
async function putLettersAside({ world }: CaseContext, { tag, sender }: Load): Promise<void> {
  const letters = Array.from({ length: LETTERS }, () => {
    const n = sender.ledger.entries.size;
    const time = new Date().toISOString();
    const event_id = `${tag}-letter-${n}`;
    sender.ledger.attempt(event_id);
    const user_id = `${tag}-user-${(n % 20) * 2}`;
    const item_id = `m${1 + (n % world.items.length)}`;
    const times = { occurred_at: time, received_at: time };
    const event = { event_id, project_id: 1, user_id, kind: "feedback", reaction: "like", item_id };
    return { event_id, body: JSON.stringify({ ...event, ...times }), receivedAt: time };
  });
  const facts = {
    projectId: 1,
    app: "user-model-updater",
    code: CODE,
    detail: "put aside by a case",
  };
  // A server that was just started refuses connections for a moment.
  for (let left = 40; ; left--) {
    try {
      await world.stores.putAside(
        letters.map(({ event_id, body, receivedAt }) => ({
          ...facts,
          eventId: event_id,
          body,
          receivedAt,
          truncated: false,
        })),
      );
      break;
    } catch (error) {
      if (left === 0) throw error;
      await sleep(250);
    }
  }
  // From here on each of them must be a letter or archived.
  for (const { event_id } of letters) sender.ledger.settle(event_id, "accepted", Date.now());
}

/** One call that replays all. @returns what came of it, for people. */
async function replayAll({ world }: CaseContext, load: Load, url: string): Promise<string> {
  try {
    const response = await fetch(`${url}/api/dead-letters/replay`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": world.keys.api },
      body: JSON.stringify({ code: CODE }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    if (response.ok) {
      const { replayed } = JSON.parse(text) as ReplayResponse;
      return replayed === 0 ? "replayed 0" : "replayed some";
    }
    if (response.status !== 429 && response.status !== 503) {
      load.violations.push(`a replay answered ${response.status}: ${text.slice(0, 200)}`);
    } else if (!(Number(response.headers.get("retry-after")) > 0)) {
      load.violations.push(`a replay answered ${response.status} without Retry-After`);
    }
    return String(response.status);
  } catch (error) {
    return failureOf(error);
  }
}

async function allGone({ world }: CaseContext, { tag, violations }: Load): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const letters = await world.stores.deadLetters().catch(() => undefined);
    const own = letters?.filter(({ body }) => body.includes(`"${tag}-letter-`));
    if (own?.length === 0) return;
    if (performance.now() > deadline) {
      violations.push(`${own?.length ?? "unknown"} letters are left after a minute of replays`);
      return;
    }
    await sleep(250);
  }
}
