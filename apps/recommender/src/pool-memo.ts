import type { FoundItems, ScoredPool, UserSignals } from "@signalpath/domain";
import { LRUCache } from "lru-cache";

export interface PoolInputs {
  /** The moment and the wishes. */
  rest: string;
  /** Those of them that the steady searches are a function of. */
  steady: string;
  /** The ranking. A person has one, those without a model have as many as there are variations. */
  ranking: string;
}

export interface MadePool {
  pool: ScoredPool;
  /** What the searches found that follow neither trends nor the person's place. */
  steady: readonly FoundItems[];
}

/**
 * Scored candidates of the most active people: the next page of a feed searches nothing again, and
 * when only trends have moved, as they do with every event of anybody, few searches are made again.
 */
export interface PoolMemo {
  /**
   * The pool of before when model and inputs are the same, else what `make` answers now; it is told
   * what the steady searches found where that still holds.
   */
  get(
    projectId: number,
    model: UserSignals | undefined,
    inputs: PoolInputs,
    make: (steady: readonly FoundItems[] | undefined) => Promise<MadePool>,
  ): Promise<ScoredPool>;
  clear(): void;
}

/** People remembered; some 110 kB each. */
const MAX_PEOPLE = 500;

interface Entry extends MadePool {
  inputs: string;
  steadyInputs: string;
}

/** One pool a model object (a new version is a new object), the latest inputs only. */
export function createPoolMemo(max = MAX_PEOPLE): PoolMemo {
  const memo = new LRUCache<UserSignals | string, Entry>({ max });
  return {
    async get(projectId, model, { rest, steady, ranking }, make) {
      const inputs = `${ranking} ${rest}`;
      const steadyInputs = `${ranking} ${steady}`;
      const key = model ?? `cold ${projectId} ${ranking}`;
      const known = memo.get(key);
      if (known?.inputs === inputs) return known.pool;
      const made = await make(known?.steadyInputs === steadyInputs ? known.steady : undefined);
      memo.set(key, { inputs, steadyInputs, ...made });
      return made.pool;
    },
    clear: () => memo.clear(),
  };
}
