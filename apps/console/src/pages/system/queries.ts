import { useQuery } from "@tanstack/react-query";

import { ApiError } from "../../api/api-error.ts";
import { dataOf } from "../../api/client.ts";
import { useApi } from "../../api/use-api.ts";
import { readMetrics } from "./metrics-text.ts";

const EVERY_MS = 5_000;

export function useSystem() {
  const api = useApi();
  return useQuery({
    queryKey: ["system"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/system/", { signal })),
    refetchInterval: EVERY_MS,
  });
}

export interface Readiness {
  ready: boolean;
  dependencies: Record<string, string>;
}

/** `/readyz` answers 503 with the same body when something is down: that is an answer, no failure. */
export function useReadiness() {
  return useQuery({
    queryKey: ["readyz"],
    queryFn: async ({ signal }): Promise<Readiness> => {
      const answer = await fetch("/readyz", { signal });
      const body = (await answer.json().catch(() => undefined)) as
        | { dependencies?: Record<string, string> }
        | undefined;
      if (body?.dependencies === undefined) throw new ApiError(answer.status, body);
      return { ready: answer.ok, dependencies: body.dependencies };
    },
    refetchInterval: EVERY_MS,
  });
}

export function useMetrics() {
  return useQuery({
    queryKey: ["metrics"],
    queryFn: async ({ signal }) => {
      const answer = await fetch("/metrics", { signal });
      if (!answer.ok) throw new ApiError(answer.status, undefined);
      return readMetrics(await answer.text());
    },
    refetchInterval: EVERY_MS,
  });
}
