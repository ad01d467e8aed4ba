import { createHash } from "node:crypto";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { SignalEvent } from "../events/types.ts";
import { proposedLinks, subjectKey, userKey } from "./keys.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("base64url");
const event = (ids: Partial<SignalEvent>): SignalEvent => ({
  event_id: "e",
  project_id: 1,
  kind: "identified",
  occurred_at: "2026-06-12T12:00:00.000Z",
  received_at: "2026-06-12T12:00:00.000Z",
  ...ids,
});
const user = (id: string) => userKey(sha256, 1, "user", id);
const device = (id: string) => userKey(sha256, 1, "anonymous", id);

describe("userKey", () => {
  test("is 22 base64url characters, whatever the id", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (id) => {
        expect(user(id)).toMatch(/^[\w-]{22}$/);
      }),
    );
  });

  test("differs by project, name space and id", () => {
    const space = fc.constantFrom("user" as const, "anonymous" as const);
    const part = fc.tuple(fc.integer({ min: 1, max: 99 }), space, fc.string());
    fc.assert(
      fc.property(part, part, (a, b) => {
        const same = a.every((value, i) => value === b[i]);
        expect(userKey(sha256, ...a) === userKey(sha256, ...b)).toBe(same);
      }),
    );
    expect(user("alice")).not.toBe(device("alice"));
    expect(user("alice")).not.toBe(userKey(sha256, 2, "user", "alice"));
  });
});

describe("subjectKey", () => {
  test("is the user before the device, and nobody without either", () => {
    expect(subjectKey(sha256, event({ user_id: "u", anonymous_id: "a" }))).toBe(user("u"));
    expect(subjectKey(sha256, event({ anonymous_id: "a" }))).toBe(device("a"));
    expect(subjectKey(sha256, event({}))).toBeUndefined();
  });
});

describe("proposedLinks", () => {
  const links = (ids: Partial<SignalEvent>) => proposedLinks(sha256, event(ids));

  test("a device to its user", () => {
    expect(links({ user_id: "u", anonymous_id: "a" })).toEqual([
      { kind: "anonymous", from: device("a"), to: user("u") },
    ]);
  });

  test("an alias to its user", () => {
    expect(links({ user_id: "u", previous_id: "old" })).toEqual([
      { kind: "alias", from: user("old"), to: user("u") },
    ]);
  });

  test("a previous id that is the device is the device", () => {
    expect(links({ user_id: "u", anonymous_id: "a", previous_id: "a" })).toEqual([
      { kind: "anonymous", from: device("a"), to: user("u") },
    ]);
  });

  test("nobody becomes themselves, and no user gives no link", () => {
    expect(links({ user_id: "u", previous_id: "u" })).toEqual([]);
    expect(links({ anonymous_id: "a", previous_id: "old" })).toEqual([]);
    expect(links({ user_id: "u" })).toEqual([]);
  });
});
