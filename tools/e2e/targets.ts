import type { Stack } from "@signalpath/stack/stack.ts";
import type { StandaloneProcess } from "@signalpath/stack/standalone-process.ts";
import type { Target } from "./replay.ts";

export function ofStack(stack: Stack): Target {
  return {
    ingest: stack.apps["ingest-webhook"].url,
    recommender: stack.apps.recommender.url,
    management: stack.apps["management-api"].url,
    keys: stack.keys,
  };
}

export function ofStandalone(standalone: StandaloneProcess): Target {
  const { url, keys } = standalone;
  return { ingest: url, recommender: url, management: url, keys };
}
