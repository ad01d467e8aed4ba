import { decodeFloat32, decodeUint32 } from "../content/base64.ts";
import { compareCodePoints } from "../events/order.ts";
import type { UserSignals } from "./types.ts";

/** A model as the text a store keeps. Equal models give equal texts. */
export function encodeUserSignals(model: UserSignals): string {
  return JSON.stringify(model);
}

/**
 * Reads what `encodeUserSignals` wrote.
 *
 * @throws SyntaxError when the text is no JSON, TypeError when it is no model.
 */
export function decodeUserSignals(text: string): UserSignals {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new TypeError("not a user model");
  const { version, as_of: asOf } = value as Partial<UserSignals>;
  if (!Number.isInteger(version) || typeof asOf !== "string") {
    throw new TypeError("not a user model");
  }
  return value as UserSignals;
}

/** Hashes (`hash32`) of the items the person has seen. */
export function seenSet(model: Pick<UserSignals, "seen">): Set<number> {
  return new Set(decodeUint32(model.seen));
}

/**
 * A `taste` or `taste_away` as numbers.
 *
 * @throws RangeError when the text is not base64 of float32 values.
 */
export function decodeVector(base64: string): Float32Array {
  return decodeFloat32(base64);
}

/** Entries of a weight table, heaviest first, ties by key (JSON keeps no order for numeric keys). */
export function byWeight(weights: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(weights).sort((a, b) => b[1] - a[1] || compareCodePoints(a[0], b[0]));
}
