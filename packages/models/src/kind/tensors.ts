import type { ModelTensor, ModelTensorData, StringTable } from "@signalpath/contracts";

import { ModelError } from "../errors.ts";
import type { SparseRows } from "../interactions/types.ts";

export type Tensors = ReadonlyMap<string, ModelTensor>;

export function invalidTensors(what: string): ModelError {
  return new ModelError("TENSORS_INVALID", what);
}

/** View of one tensor. Throws TENSORS_INVALID unless it is there with this type and shape. */
export function tensor<T extends ModelTensorData>(
  tensors: Tensors,
  name: string,
  type: { new (length: number): T },
  shape: readonly (number | undefined)[],
): T {
  const found = tensors.get(name);
  if (found === undefined) throw invalidTensors(`no tensor ${name}`);
  if (!(found.data instanceof type)) throw invalidTensors(`${name} is no ${type.name}`);
  const fits =
    found.shape.length === shape.length &&
    shape.every((size, axis) => size === undefined || size === found.shape[axis]) &&
    found.shape.reduce((product, size) => product * size, 1) === found.data.length;
  if (!fits) throw invalidTensors(`${name} has the shape [${found.shape.join(", ")}]`);
  return found.data;
}

export function stringTensors(
  name: string,
  { bytes, offsets }: StringTable,
): [string, ModelTensor][] {
  return [
    [`${name}.bytes`, { shape: [bytes.length], data: bytes }],
    [`${name}.offsets`, { shape: [offsets.length], data: offsets }],
  ];
}

/** A table of strings. Text and order are checked where the file is read. */
export function stringTable(tensors: Tensors, name: string): StringTable {
  const bytes = tensor(tensors, `${name}.bytes`, Uint8Array, [undefined]);
  const offsets = tensor(tensors, `${name}.offsets`, Uint32Array, [undefined]);
  if (offsets.length === 0 || offsets[offsets.length - 1] !== bytes.length) {
    throw invalidTensors(`${name}.offsets do not end with the bytes`);
  }
  return { bytes, offsets };
}

export function sparseTensors(
  name: string,
  { indptr, indices, values }: SparseRows,
): [string, ModelTensor][] {
  return [
    [`${name}.indptr`, { shape: [indptr.length], data: indptr }],
    [`${name}.items`, { shape: [indices.length], data: indices }],
    [`${name}.weights`, { shape: [values.length], data: values }],
  ];
}

/** A sparse matrix; every index is in bounds and columns ascend within a row. */
export function sparse(tensors: Tensors, name: string, rows: number, columns: number): SparseRows {
  const indptr = tensor(tensors, `${name}.indptr`, Uint32Array, [rows + 1]);
  const indices = tensor(tensors, `${name}.items`, Uint32Array, [undefined]);
  const values = tensor(tensors, `${name}.weights`, Float32Array, [indices.length]);
  if (indptr[0] !== 0 || indptr[rows] !== indices.length) {
    throw invalidTensors(`${name}.indptr does not span its entries`);
  }
  // Whoever loaded the file has looked at every entry, on a thread of its own.
  const below = tensors.get(`${name}.items`)?.columnsBelow;
  if (below !== undefined && below <= columns) return { indptr, indices, values };
  for (let row = 0; row < rows; row++) {
    const [begin, end] = [indptr[row]!, indptr[row + 1]!];
    if (begin > end || end > indices.length) throw invalidTensors(`${name}.indptr falls`);
    for (let at = begin; at < end; at++) {
      if (indices[at]! >= columns || (at > begin && indices[at]! <= indices[at - 1]!)) {
        throw invalidTensors(`${name}.items of row ${row} are out of bounds or order`);
      }
    }
  }
  return { indptr, indices, values };
}
