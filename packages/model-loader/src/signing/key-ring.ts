import { createHash, hkdfSync } from "node:crypto";

import { ConfigError } from "@signalpath/ports";

import { isKeyId } from "../format/envelope.ts";
import { type ModelKey, modelKey, onlyVerifies } from "./key.ts";

const MAX_KEYS = 32;

export interface KeyRing {
  find(kid: string): ModelKey | undefined;
  /** The key that signs; undefined when all can only verify. */
  signer: (ModelKey & { sign: NonNullable<ModelKey["sign"]> }) | undefined;
  kids: readonly string[];
}

export interface KeyRingOptions {
  /** `MODEL_SIGNING_KEYS`: `kid:base64,...`; when set, nothing else is accepted. */
  signingKeys?: string | undefined;
  /** Derives the only key when `signingKeys` is not set. */
  secretKey?: string | undefined;
  /** The secret before: its key verifies, never signs. */
  previousSecretKey?: string | undefined;
}

/** The keys that sign and verify artefacts. Throws ConfigError, whose reasons hold no key. */
export function createKeyRing(options: KeyRingOptions): KeyRing {
  const { signingKeys, secretKey, previousSecretKey } = options;
  if (signingKeys !== undefined && signingKeys.trim() !== "") return ring(parseKeys(signingKeys));
  if (secretKey === undefined || secretKey === "") {
    throw new ConfigError(["MODEL_SIGNING_KEYS or SECRET_KEY must be set to verify models"]);
  }
  const key = deriveModelKey(secretKey);
  if (previousSecretKey === undefined || previousSecretKey === secretKey) return ring([key]);
  return ring([key, onlyVerifies(deriveModelKey(previousSecretKey))]);
}

/** HKDF-SHA256(secret, info "model-signing"), 32 bytes; its id is drawn from the key itself. */
export function deriveModelKey(secretKey: string): ModelKey {
  const bytes = new Uint8Array(hkdfSync("sha256", secretKey, "", "model-signing", 32));
  const digest = createHash("sha256").update(bytes).digest("hex");
  const key = modelKey(`secret-${digest.slice(0, 8)}`, bytes);
  if (typeof key === "string") throw new ConfigError([`SECRET_KEY: ${key}`]);
  return key;
}

function parseKeys(text: string): ModelKey[] {
  const reasons: string[] = [];
  const keys: ModelKey[] = [];
  const entries = text.split(",").map((entry) => entry.trim());
  if (entries.length > MAX_KEYS) reasons.push(`MODEL_SIGNING_KEYS: more than ${MAX_KEYS} keys`);
  entries.forEach((entry, at) => {
    const colon = entry.indexOf(":");
    const kid = entry.slice(0, Math.max(colon, 0));
    const key = keyOf(kid, entry.slice(colon + 1));
    const isAgain = keys.some((other) => other.kid === kid);
    // A place, not the text: a key pasted without its id would be printed.
    const name = `MODEL_SIGNING_KEYS, entry ${at + 1}`;
    if (typeof key === "string") reasons.push(`${name}: ${key}`);
    else if (isAgain) reasons.push(`${name}: its id was used before`);
    else keys.push(key);
  });
  if (reasons.length > 0) throw new ConfigError(reasons);
  return keys;
}

function keyOf(kid: string, base64: string): ModelKey | string {
  if (!isKeyId(kid)) return "not of the form kid:base64";
  const bytes = Buffer.from(base64, "base64");
  if (bytes.toString("base64") !== base64) return "not standard base64 with padding";
  return modelKey(kid, bytes);
}

function ring(keys: readonly ModelKey[]): KeyRing {
  const byKid = new Map(keys.map((key) => [key.kid, key]));
  const signer = keys.find((key) => key.sign !== undefined);
  return {
    find: (kid) => byKid.get(kid),
    signer: signer as KeyRing["signer"],
    kids: keys.map(({ kid }) => kid),
  };
}
