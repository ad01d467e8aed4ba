import { randomBytes } from "node:crypto";

import { hmac } from "./sha256.ts";

/** Longer headers are refused before anything is hashed, characters. */
export const MAX_PRESENTED_KEY = 256;

const PREFIX = "rctm_";

export interface KeyMaterial {
  /** Shown once: `rctm_` and 64 base64url characters (48 random bytes). */
  key: string;
  /** First 8 characters after `rctm_`: what lists show. */
  prefix: string;
  /** What the store keeps. */
  hash: string;
}

/** Mints a new key. 384 random bits need no stretching, so its hash is one HMAC. */
export function mintKey(pepper: Uint8Array, random = randomBytes): KeyMaterial {
  const secret = random(48).toString("base64url");
  const key = `${PREFIX}${secret}`;
  return { key, prefix: secret.slice(0, 8), hash: hmac(pepper, key) };
}

/**
 * The prefix of a presented API key, under which lists and legacy rows have it; undefined when the
 * text has not the form of one (`rctm_` and at least 8 characters).
 */
export function apiKeyPrefix(presented: string): string | undefined {
  const secret = presented.startsWith(PREFIX) ? presented.slice(PREFIX.length) : "";
  return secret.length < 8 ? undefined : secret.slice(0, 8);
}

/** Hash and prefix of a key that somebody chose (at least 16 characters). */
export function adoptKey(pepper: Uint8Array, key: string): KeyMaterial {
  const secret = key.startsWith(PREFIX) ? key.slice(PREFIX.length) : key;
  return { key, prefix: secret.slice(0, 8), hash: hmac(pepper, key) };
}
