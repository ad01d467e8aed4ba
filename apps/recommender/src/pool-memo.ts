import type { ScoredPool, UserSignals } from "@signalpath/domain";
import { LRUCache } from "lru-cache";

export interface PoolInputs {
  /** The moment and the wishes. */
  rest: string;
  /** The ranking. A person has one, those without a model have as many as there are variations. */
  ranking: string;
}

/** Scored candidates of the most active people: the next page of a feed searches nothing again. */
export interface PoolMemo {
  /** The pool of before when model and inputs are the same, else what `make` answers now. */
  get(
    projectId: number,
    model: UserSignals | undefined,
    inputs: PoolInputs,
    make: () => Promise<ScoredPool>,
  ): Promise<ScoredPool>;
  clear(): void;
}

/** People remembered; some 80 kB each. */
const MAX_PEOPLE = 500;

/** One pool a model object (a new version is a new object), the latest inputs only. */
export function createPoolMemo(max = MAX_PEOPLE): PoolMemo {
  const memo = new LRUCache<UserSignals | string, { inputs: string; pool: ScoredPool }>({ max });
  return {
    async get(projectId, model, { rest, ranking }, make) {
      const inputs = `${ranking} ${rest}`;
      const key = model ?? `cold ${projectId} ${ranking}`;
      const known = memo.get(key);
      if (known?.inputs === inputs) return known.pool;
      const pool = await make();
      memo.set(key, { inputs, pool });
      return pool;
    },
    clear: () => memo.clear(),
  };
}
