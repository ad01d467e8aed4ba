import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";

import type { Algorithm } from "../format/envelope.ts";

const PRIVATE_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const PUBLIC_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const ED25519_KEY_BYTES = 32;
const MIN_SECRET_BYTES = 32;
const MAX_SECRET_BYTES = 128;

export interface ModelKey {
  kid: string;
  algorithm: Algorithm;
  /** Absent on a key that can only verify. */
  sign: ((message: Uint8Array) => Uint8Array) | undefined;
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

/** The key these bytes are, or what is wrong with them. The bytes are in no answer. */
export function modelKey(kid: string, bytes: Uint8Array): ModelKey | string {
  const isKey = (prefix: Buffer): boolean =>
    bytes.length === prefix.length + ED25519_KEY_BYTES && begins(bytes, prefix);
  if (isKey(PRIVATE_PREFIX)) {
    const key = createPrivateKey({ key: Buffer.from(bytes), format: "der", type: "pkcs8" });
    return ed25519Key(kid, createPublicKey(key), key);
  }
  if (isKey(PUBLIC_PREFIX)) {
    const key = createPublicKey({ key: Buffer.from(bytes), format: "der", type: "spki" });
    return ed25519Key(kid, key, undefined);
  }
  if (begins(bytes, PRIVATE_PREFIX) || begins(bytes, PUBLIC_PREFIX)) {
    return "an Ed25519 key of the wrong length";
  }
  if (bytes.length < MIN_SECRET_BYTES || bytes.length > MAX_SECRET_BYTES) {
    return `a secret has ${MIN_SECRET_BYTES} to ${MAX_SECRET_BYTES} bytes`;
  }
  return hmacKey(kid, bytes);
}

/** The same key without the power to sign. */
export function onlyVerifies(key: ModelKey): ModelKey {
  return { ...key, sign: undefined };
}

function hmacKey(kid: string, secret: Uint8Array): ModelKey {
  const sign = (message: Uint8Array): Uint8Array =>
    createHmac("sha256", secret).update(message).digest();
  const verify = (message: Uint8Array, signature: Uint8Array): boolean => {
    const expected = sign(message);
    return signature.length === expected.length && timingSafeEqual(expected, signature);
  };
  return { kid, algorithm: "hmac-sha256", sign, verify };
}

function ed25519Key(
  kid: string,
  publicKey: KeyObject,
  privateKey: KeyObject | undefined,
): ModelKey {
  return {
    kid,
    algorithm: "ed25519",
    sign: privateKey === undefined ? undefined : (message) => sign(null, message, privateKey),
    verify: (message, signature) => verify(null, message, publicKey, signature),
  };
}

function begins(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, at) => bytes[at] === byte);
}
