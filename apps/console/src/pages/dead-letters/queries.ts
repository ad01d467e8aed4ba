import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { dataOf } from "../../api/client.ts";
import { useApi } from "../../api/use-api.ts";

/** Letters read at one time: the most a page of the API holds. */
const LIMIT = 500;

type Api = ReturnType<typeof useApi>;
async function read(api: Api, signal: AbortSignal) {
  return dataOf(api.GET("/api/dead-letters", { params: { query: { limit: LIMIT } }, signal }));
}
export type Letter = Awaited<ReturnType<typeof read>>["dead_letters"][number];

export function useLetters() {
  const api = useApi();
  return useQuery({
    queryKey: ["dead-letters"],
    queryFn: ({ signal }) => read(api, signal),
    refetchInterval: 10_000,
  });
}

/** One letter with its personal data, once it is asked for; kept no longer than it is shown. */
export function useWholeLetter(id: string, isAsked: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: ["dead-letters", "whole", id],
    queryFn: async ({ signal }) => {
      const query = { id, whole: "true" as const };
      const found = await dataOf(api.GET("/api/dead-letters", { params: { query }, signal }));
      // Somebody may have replayed it meanwhile.
      return found.dead_letters[0] ?? null;
    },
    enabled: isAsked,
    retry: false,
    gcTime: 0,
  });
}

/** Which letters, and whether it is only tried. */
export type Replaying = ({ ids: string[] } | { code: string }) & { dry_run: boolean };

/** Replays; what left the dead letters is read anew. */
export function useReplay() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Replaying) => dataOf(api.POST("/api/dead-letters/replay", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["dead-letters"] }),
  });
}
export type ReplayResult = NonNullable<ReturnType<typeof useReplay>["data"]>;
