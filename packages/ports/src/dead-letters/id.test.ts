import fc from "fast-check";
import { expect, test } from "vitest";

import { sha256 } from "../archive/contract-parts.ts";
import { letterCursor, parseLetterCursor } from "./cursor.ts";
import { deadLetterId } from "./id.ts";

const part = fc.stringMatching(/^[a/0-9]{0,4}$/);
const letter = fc.record({
  projectId: fc.integer({ min: 1, max: 12 }),
  app: part,
  code: part,
  body: part,
});

test("two letters have one id only if they are the same refusal", () => {
  fc.assert(
    fc.property(letter, letter, (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b);
      expect(deadLetterId(sha256, a) === deadLetterId(sha256, b)).toBe(same);
      // An event id is never mistaken for a body.
      expect(deadLetterId(sha256, { ...a, eventId: a.body })).not.toBe(deadLetterId(sha256, b));
    }),
  );
});

test("a cursor leads back to its place", () => {
  const place = { receivedAt: "2026-06-12T12:00:00.001Z", id: sha256("x") };
  expect(parseLetterCursor(letterCursor(place))).toEqual(place);
});
