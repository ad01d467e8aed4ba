import { userKey } from "@signalpath/domain";
import { sha256 } from "@signalpath/service-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { REDACTED, redactedEvent } from "./redact-letter.ts";

const nora = userKey(sha256, 1, "user", "nora");

describe("redactedEvent", () => {
  it("names people by their hash, keeps what an event is, covers the rest", () => {
    const event = {
      type: "track",
      event: "Tip Rated",
      messageId: "m-1",
      userId: "nora",
      anonymous_id: 7,
      previousId: "",
      properties: {
        item_id: "t1",
        rating: "yum",
        User_ID: "nora",
        id: "n@example.org",
        query: "knee pain",
        lat: 47.1,
        isSmoker: true,
        products: [{ sku: "s1", note: "for my mother" }],
      },
      context: { device: { id: "A-1" }, locale: "de", userId: "nora", type: "web" },
      traits: { "n@example.org": null, event: "born" },
    };
    expect(redactedEvent(1, event)).toEqual({
      type: "track",
      event: "Tip Rated",
      messageId: "m-1",
      userId: nora,
      anonymous_id: userKey(sha256, 1, "anonymous", "7"),
      previousId: "",
      properties: {
        item_id: "t1",
        rating: "yum",
        User_ID: nora,
        id: REDACTED,
        query: REDACTED,
        lat: REDACTED,
        isSmoker: REDACTED,
        products: [{ sku: "s1", note: REDACTED }],
      },
      context: { device: { id: REDACTED }, locale: REDACTED, userId: nora, type: REDACTED },
      traits: { [`${REDACTED} 1`]: null, event: REDACTED },
    });
  });

  it("covers a text whole, and an id that is no id", () => {
    expect(redactedEvent(1, '{"userId": "nora"')).toBe(`${REDACTED} 17 characters of text`);
    expect(redactedEvent(1, { userId: { name: "nora" } })).toEqual({ userId: { name: REDACTED } });
    expect(redactedEvent(1, { userId: ["nora", true] })).toEqual({ userId: [nora, REDACTED] });
  });

  it("shows no text of a field it does not know, wherever it stands", () => {
    const secret = "s-e-c-r-e-t";
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.constant(secret),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("comment", "traits", "userId", "city", "a@b"), tie("tree")),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        expect(JSON.stringify(redactedEvent(1, { properties: value }))).not.toContain(secret);
      }),
    );
  });
});
