import { MAX_DEAD_LETTERS, RETENTION_MS } from "@signalpath/contracts";
import { compareCodePoints, type Sha256, type UserKey } from "@signalpath/domain";

import { letterCursor, parseLetterCursor } from "./cursor.ts";
import { deadLetterId, storableLetter } from "./id.ts";
import type { DeadLetter, DeadLetters } from "./port.ts";

/** Most rows one read answers. */
const PAGE = 2_000;

/** Dead letters that an erasure can reach. */
export interface MemoryDeadLetters extends DeadLetters {
  /** Deletes the letters of these identities and answers how many there were. */
  eraseKeys(projectId: number, keys: readonly UserKey[]): number;
}

/** Keeps dead letters in the process. */
export function createMemoryDeadLetters({
  sha256,
  maxPerProject = MAX_DEAD_LETTERS,
}: {
  sha256: Sha256;
  maxPerProject?: number;
}): MemoryDeadLetters {
  const letters = new Map<string, DeadLetter>();
  const newestFirst = (projectId: number): DeadLetter[] =>
    [...letters.values()].filter((letter) => letter.projectId === projectId).sort(byNewest);
  return {
    put: async (added) => {
      for (const given of added) {
        const letter = storableLetter(given);
        const id = deadLetterId(sha256, letter);
        if (!letters.has(id)) letters.set(id, { ...letter, id, replays: 0 });
      }
    },
    list: async (projectId, { app, code, limit, cursor }) => {
      const after = cursor === undefined ? undefined : parseLetterCursor(cursor);
      const left = newestFirst(projectId)
        .filter((letter) => app === undefined || letter.app === app)
        .filter((letter) => code === undefined || letter.code === code)
        .filter((letter) => after === undefined || byNewest(letter, after) > 0);
      const page = left.slice(0, Math.min(limit, PAGE));
      const last = page.at(-1);
      const next = left.length > page.length && last !== undefined ? letterCursor(last) : undefined;
      return { letters: page.map((letter) => ({ ...letter })), next };
    },
    get: async (projectId, ids) =>
      [...new Set(ids)].flatMap((id) => {
        const letter = letters.get(id);
        return letter?.projectId === projectId ? [{ ...letter }] : [];
      }),
    countReplay: async (projectId, id) => {
      const letter = letters.get(id);
      return letter?.projectId === projectId ? letter.replays++ : undefined;
    },
    remove: async (projectId, ids) => {
      for (const id of ids) if (letters.get(id)?.projectId === projectId) letters.delete(id);
    },
    counts: async () => {
      const counts = new Map<string, number>();
      for (const { app } of letters.values()) counts.set(app, (counts.get(app) ?? 0) + 1);
      return [...counts]
        .map(([app, count]) => ({ app, count }))
        .sort((a, b) => compareCodePoints(a.app, b.app));
    },
    prune: async (nowMs) => {
      const before = letters.size;
      for (const [id, letter] of letters) {
        if (Date.parse(letter.receivedAt) < nowMs - RETENTION_MS) letters.delete(id);
      }
      for (const projectId of new Set([...letters.values()].map((letter) => letter.projectId))) {
        for (const { id } of newestFirst(projectId).slice(maxPerProject)) letters.delete(id);
      }
      return before - letters.size;
    },
    eraseKeys: (projectId, keys) => {
      const gone = new Set<UserKey | undefined>(keys);
      const before = letters.size;
      for (const [id, { projectId: owner, userKey, anonymousKey }] of letters) {
        const named = userKey !== undefined && gone.has(userKey);
        const seen = anonymousKey !== undefined && gone.has(anonymousKey);
        if (owner === projectId && (named || seen)) letters.delete(id);
      }
      return before - letters.size;
    },
  };
}

type LetterPlace = Pick<DeadLetter, "receivedAt" | "id">;

function byNewest(a: LetterPlace, b: LetterPlace): number {
  if (a.receivedAt !== b.receivedAt) return a.receivedAt > b.receivedAt ? -1 : 1;
  return compareCodePoints(b.id, a.id);
}
