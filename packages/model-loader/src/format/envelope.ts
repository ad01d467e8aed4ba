import { refuse } from "./fail.ts";

/** `SPM1` */
const MAGIC = Uint8Array.of(0x53, 0x50, 0x4d, 0x31);
const KEY_ID = /^[A-Za-z0-9._-]{1,64}$/;
/** Bytes of the envelope beside key id and signature. */
const FIXED_BYTES = 16;
const PICKLE = 0x80;
const RECOTEM_SIGNATURE_BYTES = 32;

export const ALGORITHMS = {
  "hmac-sha256": { id: 1, signatureBytes: 32 },
  ed25519: { id: 2, signatureBytes: 64 },
} as const;
export type Algorithm = keyof typeof ALGORITHMS;

export interface Envelope {
  algorithm: Algorithm;
  kid: string;
  signature: Uint8Array;
  /** Where the payload begins; it ends with the file. */
  payloadAt: number;
  payloadBytes: number;
}

export function isKeyId(kid: string): boolean {
  return KEY_ID.test(kid);
}

/** Recotem's signed pickle: 32 bytes of HMAC, then a pickle. */
export function looksLikeRecotem(file: Uint8Array): boolean {
  return (
    file.length > RECOTEM_SIGNATURE_BYTES + 1 &&
    !hasMagic(file) &&
    file[RECOTEM_SIGNATURE_BYTES] === PICKLE &&
    (file[RECOTEM_SIGNATURE_BYTES + 1] as number) <= 5
  );
}

/** Where the payload of a file with this head begins, 0 when it is none of ours. */
export function payloadPosition(head: Uint8Array): number {
  const kidBytes = head[5];
  if (!hasMagic(head) || kidBytes === undefined || head.length < kidBytes + 8) return 0;
  return FIXED_BYTES + kidBytes + viewOf(head).getUint16(6 + kidBytes, true);
}

/** Reads an envelope. Throws ModelFileError; touches nothing of the payload. */
export function parseEnvelope(file: Uint8Array): Envelope {
  const view = viewOf(file);
  const need = (end: number): void => {
    if (file.length < end) refuse("MODEL_TRUNCATED", `ends after ${file.length} bytes`);
  };
  if (!hasMagic(file)) notOurs(file);
  need(6);
  const algorithm = algorithmOf(view.getUint8(4));
  const kidBytes = view.getUint8(5);
  need(8 + kidBytes);
  const kid = Buffer.from(file.slice(6, 6 + kidBytes)).toString("latin1");
  const signatureBytes = view.getUint16(6 + kidBytes, true);
  if (kidBytes === 0 || signatureBytes === 0) refuse("MODEL_UNSIGNED", "not signed");
  if (!isKeyId(kid)) refuse("MODEL_KEY_UNKNOWN", "a key id of other characters");
  const payloadAt = FIXED_BYTES + kidBytes + signatureBytes;
  if (signatureBytes !== ALGORITHMS[algorithm].signatureBytes) {
    refuse("MODEL_SIGNATURE_INVALID", `a signature of ${signatureBytes} bytes`);
  }
  need(payloadAt);
  const payloadBytes = view.getBigUint64(payloadAt - 8, true);
  if (payloadBytes !== BigInt(file.length - payloadAt)) {
    refuse("MODEL_TRUNCATED", `${payloadBytes} bytes announced, ${file.length - payloadAt} there`);
  }
  const signature = file.slice(8 + kidBytes, payloadAt - 8);
  return { algorithm, kid, signature, payloadAt, payloadBytes: Number(payloadBytes) };
}

/** What is signed: the envelope up to the key id, the payload's length, its SHA-256. */
export function signedMessage(
  envelope: Pick<Envelope, "algorithm" | "kid" | "payloadBytes">,
  payloadSha256: Uint8Array,
): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(envelope.payloadBytes));
  return Buffer.concat([headOf(envelope), length, payloadSha256]);
}

/** The whole file. */
export function joinEnvelope(
  envelope: Pick<Envelope, "algorithm" | "kid" | "signature">,
  payload: Uint8Array,
): Uint8Array {
  const lengths = Buffer.alloc(10);
  lengths.writeUInt16LE(envelope.signature.length);
  lengths.writeBigUInt64LE(BigInt(payload.length), 2);
  const parts = [lengths.subarray(0, 2), envelope.signature, lengths.subarray(2), payload];
  return Buffer.concat([headOf(envelope), ...parts]);
}

function headOf({ algorithm, kid }: Pick<Envelope, "algorithm" | "kid">): Uint8Array {
  if (!isKeyId(kid)) throw new RangeError("a key id has 1 to 64 characters of [A-Za-z0-9._-]");
  const lengths = Uint8Array.of(ALGORITHMS[algorithm].id, kid.length);
  return Buffer.concat([MAGIC, lengths, Buffer.from(kid, "latin1")]);
}

function hasMagic(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, at) => bytes[at] === byte);
}

function algorithmOf(id: number): Algorithm {
  if (id === 0) refuse("MODEL_UNSIGNED", "not signed");
  const found = Object.entries(ALGORITHMS).find(([, algorithm]) => algorithm.id === id);
  if (found === undefined) refuse("MODEL_ALGORITHM_UNKNOWN", `algorithm ${id}`);
  return found[0] as Algorithm;
}

function notOurs(file: Uint8Array): never {
  const isStart = file.length < MAGIC.length && file.every((byte, at) => byte === MAGIC[at]);
  if (isStart) refuse("MODEL_TRUNCATED", `ends after ${file.length} bytes`);
  if (file[0] === PICKLE) refuse("MODEL_UNSIGNED", "a bare pickle");
  return refuse("MODEL_NOT_AN_ARTEFACT", "does not begin as an artefact does");
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
