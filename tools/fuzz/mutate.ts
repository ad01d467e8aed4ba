import fc from "fast-check";

import { anything, hostileKey, withOwn } from "./values.ts";

/** One change of a JSON value; `where` picks among the places there are. */
interface Edit {
  kind: "replace" | "remove" | "add_key" | "repeat" | "wrap";
  where: number;
  key: string;
  value: unknown;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom(
    "replace",
    "replace",
    "replace",
    "remove",
    "add_key",
    "add_key",
    "repeat",
    "wrap",
  ),
  where: fc.nat({ max: 1_000 }),
  key: fc.oneof(hostileKey, fc.constantFrom("type", "userId", "properties", "item_id", "products")),
  value: anything,
});

/** Values of `base`, some of them changed in a few places. */
export function mutantsOf<T>(base: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  return fc
    .tuple(base, fc.array(edit, { maxLength: 4 }))
    .map(([value, edits]) => edits.reduce<unknown>(applyEdit, value));
}

type Place = readonly (string | number)[];

/** Every place of a value, itself (`[]`) first; not below 6 levels, not beyond 40 members. */
function placesOf(value: unknown, at: Place = []): Place[] {
  if (typeof value !== "object" || value === null || at.length >= 6) return [at];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [at, ...keys.slice(0, 40).flatMap((key) => placesOf(memberOf(value, key), [...at, key]))];
}

function memberOf(value: object, key: string | number): unknown {
  return Object.getOwnPropertyDescriptor(value, key)?.value as unknown;
}

function applyEdit(root: unknown, { kind, where, key, value }: Edit): unknown {
  const places = placesOf(root);
  const place = places[where % places.length] ?? [];
  return changeAt(root, place, (old) => {
    if (kind === "replace") return { value };
    if (kind === "remove") return undefined;
    if (kind === "wrap") return { value: [old] };
    if (kind === "repeat") return { value: [old, old, old] };
    const isObject = typeof old === "object" && old !== null && !Array.isArray(old);
    return { value: isObject ? withOwn(old, key, value) : value };
  });
}

type Change = (old: unknown) => { value: unknown } | undefined;

function changeAt(node: unknown, [step, ...rest]: Place, change: Change): unknown {
  if (step === undefined) return change(node)?.value ?? null;
  if (typeof node !== "object" || node === null) return node;
  if (rest.length > 0) {
    return withOwn(node, String(step), changeAt(memberOf(node, step), rest, change));
  }
  const made = change(memberOf(node, step));
  if (made !== undefined) return withOwn(node, String(step), made.value);
  if (Array.isArray(node)) return node.toSpliced(Number(step), 1);
  return Object.fromEntries(Object.entries(node).filter(([key]) => key !== step));
}
