import { createHash, createHmac, hash, hkdfSync } from "node:crypto";

/** Base64url SHA-256 of the UTF-8 form of a text: what the domain takes as an argument. */
export function sha256(text: string): string {
  return hash("sha256", text, "base64url");
}

/** Base64url SHA-256 of bytes. */
export function sha256Bytes(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64url");
}

/** Base64url HMAC-SHA256. */
export function hmac(key: Uint8Array, text: string): string {
  return createHmac("sha256", key).update(text, "utf8").digest("base64url");
}

/** The pepper of stored key hashes: HKDF-SHA256(secret, info "api-key"), 32 bytes. */
export function derivePepper(secretKey: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secretKey, "", "api-key", 32));
}

/** What key hashes are made and checked with; during a rotation of the secret also by the one before. */
export interface Peppers {
  pepper: Uint8Array;
  previousPepper?: Uint8Array;
}

/** @param previous SECRET_KEY_PREVIOUS; undefined = none. */
export function derivePeppers(secretKey: string, previous: string | undefined): Peppers {
  const pepper = derivePepper(secretKey);
  return previous === undefined ? { pepper } : { pepper, previousPepper: derivePepper(previous) };
}
