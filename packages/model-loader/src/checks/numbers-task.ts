import { refuse } from "../format/fail.ts";
import type { TensorEntry } from "../format/layout.ts";
import type { CheckTask, FloatSpan, Span, StringSpans } from "./task.ts";

const BYTES = ".bytes";
const OFFSETS = ".offsets";
const IDS = "_ids";

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
  return { what: "numbers", floats, strings: stringTables(tensors, span) };
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
