/** One item of the newer list, and where it stood in the older one. */
export interface Move {
  itemId: string;
  rank: number;
  /** Undefined = it was not in the older list. */
  before: number | undefined;
}

export interface ListChanges {
  moves: readonly Move[];
  /** Ids that are in the older list only, in its order. */
  gone: readonly string[];
  /** Items of the newer list that are new or stand elsewhere. */
  moved: number;
}

/** What differs between two ranked lists, best first. */
export function listChanges(before: readonly string[], after: readonly string[]): ListChanges {
  const ranks = new Map(before.map((id, at) => [id, at + 1]));
  const moves = after.map((itemId, at) => ({ itemId, rank: at + 1, before: ranks.get(itemId) }));
  const kept = new Set(after);
  return {
    moves,
    gone: before.filter((id) => !kept.has(id)),
    moved: moves.filter((move) => move.before !== move.rank).length,
  };
}
