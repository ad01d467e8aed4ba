/** A persona as it was written, or the first line that is none. */
export type ReadPersona =
  | { tags: Record<string, number>; problem?: undefined }
  | { problem: string };

/**
 * Reads `label: weight` lines; a label alone weighs 1. Weights are in [0, 1].
 * @returns label -> weight
 */
export function readPersona(text: string): ReadPersona {
  const tags: Record<string, number> = {};
  for (const line of linesOf(text)) {
    const [, label, weight] = /^(.*?)(?::\s*([\d.]+))?$/.exec(line) ?? [];
    const value = weight === undefined ? 1 : Number(weight);
    const isGood = label !== undefined && label.trim() !== "" && value >= 0 && value <= 1;
    if (!isGood) return { problem: line };
    tags[label.trim()] = value;
  }
  return { tags };
}

/** Lines with something in them, trimmed. */
export function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
