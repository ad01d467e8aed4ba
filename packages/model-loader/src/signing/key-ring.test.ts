import { createHash, generateKeyPairSync, hkdfSync, randomBytes } from "node:crypto";

import { ConfigError } from "@signalpath/ports";
import { describe, expect, test } from "vitest";

import { ed25519Rings } from "../testing/artefact.ts";
import { createKeyRing } from "./key-ring.ts";

const hmacEntry = (kid: string): string => `${kid}:${randomBytes(32).toString("base64")}`;
const MESSAGE = Buffer.from("a message");

describe("a key ring", () => {
  test("signs with the first key that can and verifies with all", () => {
    const { publicKey } = generateKeyPairSync("ed25519");
    const spki = publicKey.export({ format: "der", type: "spki" }).toString("base64");
    const ring = createKeyRing({
      signingKeys: ` pub:${spki}, ${hmacEntry("a")},${hmacEntry("b")}`,
    });
    expect(ring.kids).toEqual(["pub", "a", "b"]);
    expect(ring.signer?.kid).toBe("a");
    const signature = ring.signer?.sign(MESSAGE) ?? Buffer.alloc(0);
    expect(ring.find("a")?.verify(MESSAGE, signature)).toBe(true);
    expect(ring.find("b")?.verify(MESSAGE, signature)).toBe(false);
    expect(ring.find("a")?.verify(MESSAGE, signature.subarray(1))).toBe(false);
    expect(ring.find("c")).toBeUndefined();
  });

  test("a public key verifies what its private key signed, and cannot sign", () => {
    const { signs, verifies } = ed25519Rings();
    const signature = signs.signer?.sign(MESSAGE) ?? Buffer.alloc(0);
    expect(signature).toHaveLength(64);
    expect(verifies.find("k1")?.verify(MESSAGE, signature)).toBe(true);
    expect(verifies.find("k1")?.verify(Buffer.from("another"), signature)).toBe(false);
    expect(verifies.signer).toBeUndefined();
  });

  test("a secret's key is the derivation the format names", () => {
    const secretKey = "a secret of this deployment";
    const ring = createKeyRing({ secretKey, previousSecretKey: "the one before" });
    const derived = new Uint8Array(hkdfSync("sha256", secretKey, "", "model-signing", 32));
    const digest = createHash("sha256").update(derived).digest("hex");
    expect(ring.signer?.kid).toBe(`secret-${digest.slice(0, 8)}`);
    expect(ring.kids).toHaveLength(2);
    const before = createKeyRing({ secretKey: "the one before" });
    const old = ring.find(before.signer?.kid ?? "");
    expect(old?.verify(MESSAGE, before.signer?.sign(MESSAGE) ?? Buffer.alloc(0))).toBe(true);
    expect(old?.sign).toBeUndefined();
    expect(createKeyRing({ secretKey, previousSecretKey: secretKey }).kids).toHaveLength(1);
  });

  test("keys that are named stand alone: the secret verifies nothing beside them", () => {
    const ring = createKeyRing({ signingKeys: hmacEntry("a"), secretKey: "secret" });
    expect(ring.kids).toEqual(["a"]);
    expect(createKeyRing({ signingKeys: " ", secretKey: "secret" }).kids).toHaveLength(1);
  });

  const der = generateKeyPairSync("ed25519").privateKey.export({ format: "der", type: "pkcs8" });
  test.each<[string, string]>([
    ["no key id", randomBytes(32).toString("base64")],
    ["an empty key id", `:${randomBytes(32).toString("base64")}`],
    ["a key id of other letters", `a b:${randomBytes(32).toString("base64")}`],
    ["a key id too long", `${"a".repeat(65)}:${randomBytes(32).toString("base64")}`],
    ["base64url", `a:${Buffer.alloc(32, 0xff).toString("base64url")}`],
    ["base64 without padding", `a:${randomBytes(32).toString("base64").replace("=", "")}`],
    ["a secret too short", `a:${randomBytes(31).toString("base64")}`],
    ["a secret too long", `a:${randomBytes(129).toString("base64")}`],
    ["an Ed25519 key cut short", `a:${der.subarray(0, 47).toString("base64")}`],
    ["an empty entry", `${hmacEntry("a")},`],
    ["the same id twice", `${hmacEntry("a")},${hmacEntry("a")}`],
    ["too many", Array.from({ length: 33 }, (_, at) => hmacEntry(`k${at}`)).join(",")],
  ])("refuses %s, and prints no key", (_what, signingKeys) => {
    expect(() => createKeyRing({ signingKeys })).toThrow(ConfigError);
    try {
      createKeyRing({ signingKeys });
    } catch (error) {
      for (const entry of signingKeys.split(",")) {
        const secret = entry.slice(entry.indexOf(":") + 1);
        if (secret !== "") expect(String(error)).not.toContain(secret);
      }
    }
  });

  test("refuses to be empty", () => {
    expect(() => createKeyRing({})).toThrow(ConfigError);
    expect(() => createKeyRing({ secretKey: "" })).toThrow(ConfigError);
  });
});
