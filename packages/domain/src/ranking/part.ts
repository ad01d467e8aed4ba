import type { ItemView } from "./item-view.ts";
import type { Pool } from "./pool.ts";

/** Candidates of a pool, all or some, beside each which sources found it. */
export type Candidates = Pick<Pool, "views" | "sources">;

/** Places of the candidates that are not excluded; undefined when that is all of them. */
export function keptOf(
  indexOf: ReadonlyMap<string, number>,
  exclude: ReadonlySet<string>,
): Int32Array | undefined {
  const n = indexOf.size;
  const out = new Uint8Array(n);
  let left = n;
  for (const id of exclude) {
    const at = indexOf.get(id);
    if (at === undefined) continue;
    out[at] = 1;
    left--;
  }
  if (left === n) return undefined;
  const kept = new Int32Array(left);
  for (let at = 0, to = 0; at < n; at++) if (out[at] === 0) kept[to++] = at;
  return kept;
}

/** Those candidates, in the same order. */
export function partOf({ views, sources }: Candidates, kept: Int32Array): Candidates {
  const own: ItemView[] = [];
  const bits = new Uint16Array(kept.length);
  for (let i = 0; i < kept.length; i++) {
    own.push(views[kept[i]!]!);
    bits[i] = sources[kept[i]!]!;
  }
  return { views: own, sources: bits };
}
