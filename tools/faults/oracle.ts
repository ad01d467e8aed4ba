import { createHash } from "node:crypto";

import {
  buildUserSignals,
  encodeUserSignals,
  joinEvents,
  shapesModel,
  type ContentItem,
  type SignalEvent,
  type UserKey,
} from "@signalpath/domain";
import { countItemHours, type ItemHour, type LoggedEvent } from "@signalpath/ports";

import type { Ledger } from "./ledger.ts";

export const sha256 = (text: string): string =>
  createHash("sha256").update(text, "utf8").digest("base64url");

/** What one run left in the stores. */
export interface Remains {
  archived: readonly LoggedEvent[];
  /** Event ids of dead letters. */
  letters: ReadonlySet<string>;
  itemHours: readonly ItemHour[];
}

export interface Verdict {
  /** Acknowledged and nowhere. */
  lost: string[];
  /** Stored although refused or never sent. */
  invented: string[];
  /** Events an hour counter is off by, plus ids stored more than once. */
  countedWrong: number;
}

/**
 * `accepted within (archive + dead letters) within (accepted + unknown)`, and each archived event
 * counted once. Only ids of this run (`<tag>-...`) are judged; the counters are those of all.
 */
export function judge(tag: string, ledger: Ledger, remains: Remains): Verdict {
  const own = remains.archived.map(({ event }) => event.event_id).filter((id) => isOf(tag, id));
  const stored = new Set(own);
  const { letters } = remains;
  const lost = ledger.ids("accepted").filter((id) => !stored.has(id) && !letters.has(id));
  lost.push(...ledger.ids("dead").filter((id) => !letters.has(id)));
  const mayBe = new Set(ledger.ids("accepted", "unknown"));
  const mayBeAside = new Set(ledger.ids("accepted", "unknown", "dead"));
  const invented = own.filter((id) => !mayBe.has(id));
  invented.push(...[...letters].filter((id) => isOf(tag, id) && !mayBeAside.has(id)));
  const twice = own.length - stored.size;
  return { lost, invented, countedWrong: twice + miscounted(remains) };
}

export function isOf(tag: string, id: string): boolean {
  return id.startsWith(`${tag}-`);
}

function miscounted({ archived, itemHours }: Remains): number {
  const off = new Map<string, number>();
  const add = (rows: readonly ItemHour[], sign: number): void => {
    for (const { item_id, hour, event_class, count } of rows) {
      const place = `${hour}/${event_class}/${item_id}`;
      off.set(place, (off.get(place) ?? 0) + sign * count);
    }
  };
  add(countItemHours(archived.map(({ event }) => event)), 1);
  add(itemHours, -1);
  return [...off.values()].reduce((sum, difference) => sum + Math.abs(difference), 0);
}

/** The models of the archived set as the pure core builds them: owner -> text that must be stored. */
export function expectedModels(
  tag: string,
  archived: readonly LoggedEvent[],
  items: readonly ContentItem[],
): Map<UserKey, { text: string; person: string }> {
  const content = new Map(items.map((item) => [item.item_id, item]));
  const people = new Map<UserKey, SignalEvent[]>();
  for (const { event, owner } of archived) {
    if (!isOf(tag, event.event_id) || !shapesModel(event)) continue;
    const events = people.get(owner);
    if (events === undefined) people.set(owner, [event]);
    else events.push(event);
  }
  return new Map(
    [...people].map(([owner, events]) => {
      const model = buildUserSignals(joinEvents([], events), (id) => content.get(id));
      return [owner, { text: encodeUserSignals(model), person: personOf(events) }];
    }),
  );
}

/** The name the serve side finds them by. */
function personOf(events: readonly SignalEvent[]): string {
  const known = events.find((event) => event.user_id !== undefined);
  return known?.user_id ?? events[0]?.anonymous_id ?? "";
}

/** People whose events ended with more than one owner although a stored event links them. */
export function splitPeople(tag: string, archived: readonly LoggedEvent[]): string[] {
  const owners = new Map<string, Set<UserKey>>();
  const linked = new Set<string>();
  for (const { event, owner } of archived) {
    if (!isOf(tag, event.event_id)) continue;
    const name = (event.user_id ?? event.anonymous_id ?? "").split("-").at(-1) as string;
    owners.set(name, (owners.get(name) ?? new Set()).add(owner));
    if (event.user_id !== undefined && event.anonymous_id !== undefined) linked.add(name);
  }
  return [...owners].filter(([name, of]) => linked.has(name) && of.size > 1).map(([name]) => name);
}
