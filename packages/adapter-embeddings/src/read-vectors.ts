import { RefusedError } from "@signalpath/ports";

/**
 * The vectors of an answer in the order of the texts.
 * @throws RefusedError for anything but `count` vectors of `dimensions` finite numbers.
 */
export function readVectors(
  body: string,
  { count, dimensions }: { count: number; dimensions: number },
): Float32Array[] {
  const data = rowsOf(body);
  if (data?.length !== count) refuse(`${data?.length ?? "no list of"} vectors for ${count} texts`);
  const vectors: (Float32Array | undefined)[] = Array.from({ length: count });
  data.forEach((row, place) => {
    const { index = place, embedding } = row as { index?: unknown; embedding?: unknown };
    const at = Number(index);
    if (!Number.isInteger(at) || at < 0 || at >= count || vectors[at] !== undefined) {
      refuse("indexes that do not name each text once");
    }
    if (!Array.isArray(embedding) || embedding.length !== dimensions) {
      const length = Array.isArray(embedding) ? embedding.length : "no";
      refuse(`vectors of ${length} numbers, EMBEDDINGS_DIMENSIONS says ${dimensions}`);
    }
    const vector = Float32Array.from(embedding as number[]);
    if (!vector.every((x, i) => typeof embedding[i] === "number" && Number.isFinite(x))) {
      refuse("something that is no finite number");
    }
    vectors[at] = vector;
  });
  return vectors as Float32Array[];
}

function rowsOf(body: string): object[] | undefined {
  try {
    const { data } = JSON.parse(body) as { data?: unknown };
    const isList = Array.isArray(data) && data.every((row) => typeof row === "object" && row);
    return isList ? (data as object[]) : undefined;
  } catch (cause) {
    throw new RefusedError("the provider of vectors answers no JSON", { cause });
  }
}

function refuse(what: string): never {
  throw new RefusedError(`the provider of vectors answers ${what}`);
}
