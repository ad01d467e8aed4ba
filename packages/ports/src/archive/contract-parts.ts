import { createHash } from "node:crypto";

import { test } from "vitest";

import { userKey, type NameSpace, type SignalEvent, type UserKey } from "@signalpath/domain";

import type { ManualClock } from "../clock/memory.ts";
import type { DeadLetters } from "../dead-letters/port.ts";
import type { ItemStats } from "../item-stats/port.ts";
import type { Archive } from "./port.ts";
import type { ArchiveReader } from "./reader.ts";

/** Views of one empty archive, made anew for each test, with `sha256` and `clock` handed to it. */
export interface ArchiveParts {
  archive: Archive;
  reader: ArchiveReader;
  itemStats: ItemStats;
  deadLetters: DeadLetters;
  clock: ManualClock;
}
export type MakeArchive = () => Promise<ArchiveParts>;

/** Names of tests a keeper cannot pass, each with the reason. */
export type Skip = Readonly<Record<string, string>>;

/** `test`, but for the names in `skip`, which are reported with their reason. */
export function testsBut(skip: Skip): (name: string, run: () => Promise<void>) => void {
  return (name, run) => {
    const reason = skip[name];
    if (reason === undefined) test(name, run);
    else test(`${name} [skipped: ${reason}]`, ({ skip: skipThis }) => skipThis());
  };
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

/** Noon of a June day. */
export const NOON = Date.UTC(2026, 5, 12, 12);
export const iso = (ms: number): string => new Date(ms).toISOString();

/** A view of `t1` by user `u1` in project 1, at noon. */
export function viewed(changes: Partial<SignalEvent> & { event_id: string }): SignalEvent {
  return {
    project_id: 1,
    user_id: "u1",
    kind: "viewed",
    item_id: "t1",
    occurred_at: iso(NOON),
    received_at: iso(NOON),
    ...changes,
  };
}

export function identified(
  event_id: string,
  ids: Pick<SignalEvent, "user_id" | "anonymous_id" | "previous_id">,
): SignalEvent {
  const { item_id: _, user_id: __, ...event } = viewed({ event_id, kind: "identified" });
  return { ...event, ...ids };
}

export function keyOf(id: string, space: NameSpace = "user", projectId = 1): UserKey {
  return userKey(sha256, projectId, space, id);
}
