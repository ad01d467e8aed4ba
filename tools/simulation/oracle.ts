import { isDeepStrictEqual } from "node:util";

import {
  BUFFER_CAP,
  buildUserSignals,
  joinEvents,
  type ContentItem,
  type SignalEvent,
  type UserKey,
  type UserSignals,
} from "@signalpath/domain";

import type { World } from "./world.ts";

/** Models live this long after their last save, milliseconds. */
const MODEL_LIFE_MS = 7 * 24 * 3_600_000;

/** What must be true of a world at rest; one line for everything that is not. */
export async function judge(world: World, asked: boolean): Promise<string[]> {
  const found = [...world.problems, ...(await judgeArchive(world)), ...judgeMessages(world)];
  const content = await contentOf(world);
  for (const key of world.keys) {
    const root = world.ledger.rootOf(key);
    if (root !== key) found.push(...(await judgeLinked(world, key, root, asked)));
    else found.push(...(await judgePerson(world, key, content, asked)));
  }
  const letters = await world.deadLetters.list(1, { limit: 5 });
  for (const { code, detail } of letters.letters) found.push(`put aside: ${code} ${detail}`);
  return found;
}

async function judgeArchive(world: World): Promise<string[]> {
  const found: string[] = [];
  const { ledger } = world;
  for (const key of world.keys) {
    const root = await world.archive.resolve(1, key);
    if (root !== ledger.rootOf(key)) {
      const must = world.nameOf(ledger.rootOf(key));
      found.push(`archive: ${world.nameOf(key)} is ${world.nameOf(root)}, must be ${must}`);
    }
  }
  for (const key of world.keys) {
    if (ledger.rootOf(key) !== key) continue;
    const stored = await world.archive.eventsOf(1, key, { limit: BUFFER_CAP });
    const must = ledger.eventsOf(key).slice(0, BUFFER_CAP);
    if (!isDeepStrictEqual(stored, must)) {
      found.push(
        `archive: events of ${world.nameOf(key)} are ${ids(stored)}, must be ${ids(must)}`,
      );
    }
  }
  return found;
}

/** Nothing that was acknowledged is missing; nothing is left over. */
function judgeMessages(world: World): string[] {
  const found: string[] = [];
  for (const { message, durable, status } of world.bus.copies()) {
    if (status !== "done") found.push(`bus: ${durable} has message ${message.sequence} ${status}`);
    if (!message.subject.startsWith("signals.")) continue;
    const { event_id } = JSON.parse(message.body) as SignalEvent;
    if (!world.ledger.rows.has(event_id) && !world.ledger.refused.has(event_id)) {
      found.push(`archive: acknowledged ${event_id} is missing`);
    }
  }
  return found;
}

/** An id that is somebody else's by now holds nothing, and leads there once it was asked for. */
async function judgeLinked(
  world: World,
  key: UserKey,
  root: UserKey,
  asked: boolean,
): Promise<string[]> {
  const name = world.nameOf(key);
  const found: string[] = [];
  const held = await world.store.buffer.read(key);
  const model = await world.store.models.get(key);
  if (held.status === "ok") {
    if (held.events.length > 0)
      found.push(`buffer: ${name} is linked and holds ${ids(held.events)}`);
    if (model.status === "ok") found.push(`model: ${name} is linked and has one of its own`);
    const isWanted = asked && world.ledger.eventsOf(root).length > 0;
    if (isWanted && isReadAs(world, key)) found.push(`redirect: ${name} leads nowhere`);
    return found;
  }
  const behind = world.store.state.find(key);
  if ((behind?.kept.events.length ?? 0) > 0) found.push(`buffer: events stayed behind ${name}`);
  let at = held.to;
  for (let hop = 0; hop < 8; hop++) {
    const next = world.store.state.mark(at)?.redirect;
    if (next === undefined) break;
    at = next;
  }
  if (at !== root) {
    found.push(
      `redirect: ${name} leads to ${world.nameOf(at)}, must lead to ${world.nameOf(root)}`,
    );
  }
  return found;
}

/** A reader looks for a user of that name first. */
function isReadAs(world: World, key: UserKey): boolean {
  const name = world.nameOf(key);
  if (name.startsWith("user ")) return false;
  const user = world.keyOf(`user ${name}`) as UserKey | undefined;
  return user === undefined || world.ledger.eventsOf(world.ledger.rootOf(user)).length === 0;
}

async function judgePerson(
  world: World,
  key: UserKey,
  content: Map<string, ContentItem>,
  asked: boolean,
): Promise<string[]> {
  const name = world.nameOf(key);
  const found: string[] = [];
  const archived = world.ledger.eventsOf(key).slice(0, BUFFER_CAP);
  const held = await world.store.buffer.read(key);
  if (held.status === "moved") return [`redirect: ${name} is linked to nobody and moved`];
  for (const event of held.events) {
    const row = world.ledger.rows.get(event.event_id);
    if (row === undefined) found.push(`buffer: ${name} holds ${event.event_id}, not archived`);
    else if (!isDeepStrictEqual(row.event, event)) {
      found.push(`buffer: ${name} holds another ${event.event_id} than was stored`);
    }
  }
  const must = expectedModel(archived, content);
  const answer = await world.store.models.get(key);
  const model = answer.status === "ok" ? answer.model : undefined;
  if (model === undefined && must !== undefined) {
    const isAsked = asked && isReadAs(world, key);
    const mayHaveExpired = !isAsked && world.longestPauseMs() >= MODEL_LIFE_MS;
    if (!mayHaveExpired) found.push(`model: ${name} has none of ${ids(archived)}`);
  } else if (
    !isDeepStrictEqual(model, must) &&
    (asked || !(await mayBeOfOlderContent(world, key)))
  ) {
    found.push(
      `model: ${name} is not that of ${ids(archived)}; differs in ${differences(model, must)}`,
    );
  }
  return found;
}

/**
 * Announced content reaches whose archived events touch an item within 30 days. Who only spoke of a
 * label, did so long ago, or came while one updater had not read the change yet, is built again when
 * somebody reads the model and sees its version.
 */
async function mayBeOfOlderContent(world: World, key: UserKey): Promise<boolean> {
  if (!(await isOfOlderContent(world, key))) return false;
  const events = world.ledger.eventsOf(key);
  const told = events.some(({ traits }) => traits !== undefined);
  const came = events.some(({ event_id, item_id }) => {
    const row = world.ledger.rows.get(event_id);
    return row !== undefined && row.sequence > world.rowsBeforeChange(item_id);
  });
  return told || came || world.longestPauseMs() >= 24 * 3_600_000;
}

/** What a reader sees in the version of a stored model. */
export async function isOfOlderContent(world: World, key: UserKey): Promise<boolean> {
  const answer = await world.store.models.get(key);
  return answer.status === "ok" && answer.contentVersion < (await world.catalogue.version(1));
}

function expectedModel(
  archived: readonly SignalEvent[],
  content: Map<string, ContentItem>,
): UserSignals | undefined {
  if (archived.length === 0) return undefined;
  const labels = new Set([...content.values()].flatMap(({ tags }) => tags.map((tag) => tag.label)));
  const events = joinEvents([], archived);
  const tagKeys = (label: string) => (labels.has(label) ? [`theme:${label}`] : []);
  return buildUserSignals(events, (id) => content.get(id), undefined, tagKeys);
}

async function contentOf(world: World): Promise<Map<string, ContentItem>> {
  const rows = await world.catalogue.changes(1, { after: 0, limit: 1_000 });
  return new Map(rows.map(({ item }) => [item.item_id, item]));
}

function differences(model: UserSignals | undefined, must: UserSignals | undefined): string {
  const [a, b] = [model ?? {}, must ?? {}] as Record<string, unknown>[];
  const parts = Object.keys({ ...a, ...b }).filter(
    (part) => !isDeepStrictEqual(a?.[part], b?.[part]),
  );
  return parts.map((part) => `${part} ${brief(a?.[part])}/${brief(b?.[part])}`).join(", ");
}

function brief(value: unknown): string {
  return (JSON.stringify(value) ?? "none").slice(0, 60);
}

function ids(events: readonly SignalEvent[]): string {
  const shown = events.slice(0, 6).map(({ event_id }) => event_id);
  return `[${shown.join(" ")}${events.length > 6 ? ` and ${events.length - 6} more` : ""}]`;
}
