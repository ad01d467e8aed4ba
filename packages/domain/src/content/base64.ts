const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD = 61;
/** Arguments one `String.fromCharCode` call takes without risking the stack. */
const CHUNK = 4_096;
const WORD_BYTES = 4;

const codes = Uint8Array.from(ALPHABET, (char) => char.charCodeAt(0));

/** Standard base64 (RFC 4648 section 4) with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  for (let i = 0, o = 0; i < bytes.length; i += 3, o += 4) {
    const b1 = bytes[i + 1];
    const b2 = bytes[i + 2];
    const group = ((bytes[i] ?? 0) << 16) | ((b1 ?? 0) << 8) | (b2 ?? 0);
    out[o] = codes[group >> 18] ?? PAD;
    out[o + 1] = codes[(group >> 12) & 63] ?? PAD;
    out[o + 2] = b1 === undefined ? PAD : (codes[(group >> 6) & 63] ?? PAD);
    out[o + 3] = b2 === undefined ? PAD : (codes[group & 63] ?? PAD);
  }
  let text = "";
  for (let i = 0; i < out.length; i += CHUNK) {
    text += String.fromCharCode(...out.subarray(i, i + CHUNK));
  }
  return text;
}

function sextet(text: string, index: number): number {
  const code = text.charCodeAt(index);
  if (code >= 97 && code <= 122) return code - 71;
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 48 && code <= 57) return code + 4;
  if (code === 43) return 62;
  if (code === 47) return 63;
  throw new RangeError(`not base64: character ${index}`);
}

/** @throws RangeError when the text is not padded standard base64. */
export function decodeBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0) throw new RangeError("not base64: length");
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const digits = text.length - padding;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let i = 0, o = 0; i < text.length; i += 4, o += 3) {
    let group = 0;
    for (let k = 0; k < 4; k++) group = (group << 6) | (i + k < digits ? sextet(text, i + k) : 0);
    bytes[o] = group >> 16;
    if (o + 1 < bytes.length) bytes[o + 1] = (group >> 8) & 255;
    if (o + 2 < bytes.length) bytes[o + 2] = group & 255;
  }
  return bytes;
}

function words(text: string): DataView {
  const bytes = decodeBase64(text);
  if (bytes.length % WORD_BYTES !== 0) throw new RangeError("not a list of 32-bit words");
  return new DataView(bytes.buffer);
}

/** Numbers as base64 of their little-endian float32 form (rounded to float32). */
export function encodeFloat32(values: ArrayLike<number>): string {
  const view = new DataView(new ArrayBuffer(values.length * WORD_BYTES));
  for (let i = 0; i < values.length; i++) view.setFloat32(i * WORD_BYTES, values[i] ?? 0, true);
  return encodeBase64(new Uint8Array(view.buffer));
}

/** @throws RangeError when the text is not base64 of whole 32-bit words. */
export function decodeFloat32(text: string): Float32Array {
  const view = words(text);
  const values = new Float32Array(view.byteLength / WORD_BYTES);
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(i * WORD_BYTES, true);
  return values;
}

/** Whole numbers in [0, 2^32) as base64 of their little-endian 32-bit form. */
export function encodeUint32(values: ArrayLike<number>): string {
  const view = new DataView(new ArrayBuffer(values.length * WORD_BYTES));
  for (let i = 0; i < values.length; i++) view.setUint32(i * WORD_BYTES, values[i] ?? 0, true);
  return encodeBase64(new Uint8Array(view.buffer));
}

/** @throws RangeError when the text is not base64 of whole 32-bit words. */
export function decodeUint32(text: string): Uint32Array {
  const view = words(text);
  const values = new Uint32Array(view.byteLength / WORD_BYTES);
  for (let i = 0; i < values.length; i++) values[i] = view.getUint32(i * WORD_BYTES, true);
  return values;
}
