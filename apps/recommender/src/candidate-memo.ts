import type { Candidate, UserSignals } from "@signalpath/domain";
import { LRUCache } from "lru-cache";

/** Candidates of the most active people: the next page of a feed searches nothing again. */
export interface CandidateMemo {
  /** `found` of before when model and inputs are the same, else what `search` answers now. */
  get(
    projectId: number,
    model: UserSignals | undefined,
    inputs: string,
    search: () => Promise<Candidate[]>,
  ): Promise<readonly Candidate[]>;
  clear(): void;
}

/** People remembered; some 60 kB each. */
const MAX_PEOPLE = 500;

/** One set of candidates a model object (a new version is a new object), the latest inputs only. */
export function createCandidateMemo(max = MAX_PEOPLE): CandidateMemo {
  const memo = new LRUCache<UserSignals | string, { inputs: string; found: Candidate[] }>({ max });
  return {
    async get(projectId, model, inputs, search) {
      const key = model ?? `cold ${projectId}`;
      const known = memo.get(key);
      if (known?.inputs === inputs) return known.found;
      const found = await search();
      memo.set(key, { inputs, found });
      return found;
    },
    clear: () => memo.clear(),
  };
}
