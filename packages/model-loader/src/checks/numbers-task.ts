import { refuse } from "../format/fail.ts";
import type { TensorEntry } from "../format/layout.ts";
import type { CheckTask, FloatSpan, Span, SparseSpans, StringSpans } from "./task.ts";

const BYTES = ".bytes";
const OFFSETS = ".offsets";
const IDS = "_ids";
const ITEM_OFFSETS = "item_ids.offsets";

/** What of a payload must be looked at number by number; `dataAt` counts from the buffer's begin. */
export function numbersTask(
  tensors: readonly TensorEntry[],
  dataAt: number,
): Extract<CheckTask, { what: "numbers" }> {
  const span = ({ begin, end }: TensorEntry): Span => ({ at: dataAt + begin, bytes: end - begin });
  const floats = tensors.flatMap((entry): FloatSpan[] =>
    entry.dtype === "F32" || entry.dtype === "F64"
      ? [{ name: entry.name, dtype: entry.dtype, ...span(entry) }]
      : [],
  );
  const sparse = sparseMatrices(tensors).map(({ name, indptr, items, columns }): SparseSpans => ({
    name,
    indptr: span(indptr),
    items: span(items),
    columns,
  }));
  return { what: "numbers", floats, strings: stringTables(tensors, span), sparse };
}

/** `x.indptr` and `x.items` of a model with a table of items: rows over its items. */
export function sparseMatrices(
  tensors: readonly TensorEntry[],
): { name: string; indptr: TensorEntry; items: TensorEntry; columns: number }[] {
  const byName = new Map(tensors.map((entry) => [entry.name, entry]));
  const table = byName.get(ITEM_OFFSETS);
  if (table === undefined) return [];
  const columns = (table.end - table.begin) / 4 - 1;
  return tensors.flatMap((indptr) => {
    const name = indptr.name.replace(/\.indptr$/, "");
    const items = byName.get(`${name}.items`);
    if (name === indptr.name || items === undefined) return [];
    const isFlat = indptr.shape.length === 1 && items.shape.length === 1;
    const isU32 = indptr.dtype === "U32" && items.dtype === "U32" && indptr.end > indptr.begin;
    return isFlat && isU32 ? [{ name, indptr, items, columns }] : [];
  });
}

function stringTables(
  tensors: readonly TensorEntry[],
  span: (entry: TensorEntry) => Span,
): StringSpans[] {
  const byName = new Map(tensors.map((entry) => [entry.name, entry]));
  return tensors.flatMap((entry): StringSpans[] => {
    const name = entry.name.replace(/\.(?:bytes|offsets)$/, "");
    if (name === entry.name) return [];
    const bytes = byName.get(name + BYTES);
    const offsets = byName.get(name + OFFSETS);
    if (bytes === undefined || offsets === undefined) {
      return refuse("MODEL_STRINGS_INVALID", `${name}: half a table of strings`);
    }
    const isTable = bytes.dtype === "U8" && offsets.dtype === "U32";
    const isFlat = bytes.shape.length === 1 && offsets.shape.length === 1;
    if (!isTable || !isFlat || offsets.end - offsets.begin < 4) {
      return refuse("MODEL_STRINGS_INVALID", `${name}: no table of strings`);
    }
    if (entry === offsets) return [];
    return [{ name, bytes: span(bytes), offsets: span(offsets), ascending: name.endsWith(IDS) }];
  });
}
