import type { TrainSize } from "../../kind/types.ts";
import type { EaseParameters } from "./ease.ts";

/** Up to so many items the whole matrix is stored, a byte each: 256 MiB. */
const DENSE_ITEMS = 16_384;

/**
 * The cheaper form by multiplications: an inverse of all items, or one of all users and the products
 * with the sparse matrix around it.
 */
export function chooseForm(
  { users, items, entries }: TrainSize,
  { form }: EaseParameters,
): "primal" | "dual" {
  if (form !== "auto") return form;
  const primal = items ** 3 / 2;
  const dual = users ** 3 / 2 + (users + 2 * items) * entries;
  return primal <= dual ? "primal" : "dual";
}

export function chooseStorage(
  { items }: TrainSize,
  { storage }: EaseParameters,
): "dense" | "sparse" {
  if (storage !== "auto") return storage;
  return items <= DENSE_ITEMS ? "dense" : "sparse";
}

export function estimateEaseBytes(size: TrainSize, parameters: EaseParameters): number {
  const { users, items, entries } = size;
  const working =
    chooseForm(size, parameters) === "primal" ? items ** 2 * 8 : users ** 2 * 8 + users * items * 4;
  const kept = Math.min(parameters.neighbours, items);
  // Pieces of a sparse model are lists of numbers first, then small arrays, then one array.
  const model = chooseStorage(size, parameters) === "dense" ? items ** 2 : items * kept * 16;
  return working + model + entries * 16 + items * 24;
}
