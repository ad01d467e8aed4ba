import { randomBytes } from "node:crypto";

import type { SignalEvent, UserKey } from "@signalpath/domain";

import type { UserModelStore } from "../user-model-store/port.ts";
import type { EventBuffer } from "./port.ts";

/** What a contract suite needs of a store that keeps buffers and models. */
export interface UserStateUnderTest {
  buffer: EventBuffer;
  models: UserModelStore;
  /** The store's time, milliseconds. */
  now: () => number;
  /** Moves the store's clock, or says why it cannot be moved. */
  advance: ((ms: number) => void) | { skip: string };
  /** Loses the buffer and the model of a person, as an eviction does. */
  lose: (key: UserKey) => Promise<void>;
  /** Only the first half of a move: what a crash in between leaves. */
  beginMove: (from: UserKey, to: UserKey) => Promise<void>;
  close?: () => Promise<void>;
}

/** Answers an empty store. */
export type MakeUserState = () => Promise<UserStateUnderTest>;

export function randomKey(): UserKey {
  return randomBytes(17).toString("base64url").slice(0, 22) as UserKey;
}

/** An event that needs nothing but an id and a time, milliseconds. */
export function eventAt(id: string, ms: number, extra: Partial<SignalEvent> = {}): SignalEvent {
  const at = new Date(ms).toISOString();
  return {
    event_id: id,
    project_id: 1,
    user_id: "u1",
    kind: "feedback",
    occurred_at: at,
    received_at: at,
    item_id: "t1",
    reaction: "like",
    ...extra,
  };
}

/** Ids that break keepers which build keys, scripts or object fields from them. */
export const HOSTILE_IDS = [
  "__proto__",
  "constructor",
  "filled",
  "redirect",
  "a b\r\nDEL x",
  "{other}",
  "'; DROP TABLE archive; --",
  '"]]} end redis.call("FLUSHALL")',
  "*",
  "1e3",
  "-0",
  "\u00E9",
  "e\u0301",
  "\u{1F4A3}\u{1F9E8}",
  "x".repeat(200),
] as const;
