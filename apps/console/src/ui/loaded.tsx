import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { ErrorState } from "./error-state.tsx";
import { Loading } from "./loading.tsx";

interface LoadedProps<T> {
  query: Pick<UseQueryResult<T>, "data" | "error" | "refetch">;
  /** Height that is kept free while the answer is on its way, pixels. */
  height?: number;
  children: (data: T) => ReactNode;
}

/** The three states of a call: on its way, failed, there. */
export function Loaded<T>({ query, height = 160, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error !== null) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  }
  return <Loading height={height} />;
}
