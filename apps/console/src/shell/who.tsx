import { useQuery } from "@tanstack/react-query";

import { dataOf } from "../api/client.ts";
import { useApi } from "../api/use-api.ts";
import { strings } from "../strings.ts";
import { Notice } from "../ui/notice.tsx";
import type { PageEntry } from "./pages.ts";

/** What the key that is signed in may do, asked once. */
function useMe() {
  const api = useApi();
  return useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/me/", { signal })),
    staleTime: Infinity,
  });
}

/** Whose key is signed in, and what it may do. */
export function Who() {
  const { data } = useMe();
  if (data === undefined) return null;
  return <p className="small muted">{strings.who(data.project.name, data.scopes.join(", "))}</p>;
}

/** What a page's buttons need that this key lacks, told before a call is refused. */
export function Lacking({ needs }: { needs: NonNullable<PageEntry["needs"]> }) {
  const { data } = useMe();
  if (data === undefined || data.scopes.includes("admin")) return null;
  const missing = needs.filter(({ scope }) => !data.scopes.includes(scope));
  if (missing.length === 0) return null;
  return (
    <Notice>
      {missing.map(({ scope, lacking }) => (
        <p key={scope}>
          {strings.lacking(scope)} {lacking}
        </p>
      ))}
    </Notice>
  );
}
