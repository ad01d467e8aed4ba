import { useQuery } from "@tanstack/react-query";
import { useRouterState } from "@tanstack/react-router";

import { dataOf } from "../api/client.ts";
import { useApi } from "../api/use-api.ts";
import { strings } from "../strings.ts";
import { Notice } from "../ui/notice.tsx";
import { lacksScope, NEEDS } from "./needs.ts";

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

/** What the buttons of the page that is open need that this key lacks, told before a call is refused. */
export function Lacking() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const { data } = useMe();
  if (data === undefined || data.scopes.includes("admin")) return null;
  const needs = NEEDS[path.split("/")[1] ?? ""] ?? [];
  const missing = needs.filter(({ scope }) => !data.scopes.includes(scope));
  if (missing.length === 0) return null;
  return (
    <Notice>
      {missing.map(({ scope, lacking }) => (
        <p key={scope}>
          {lacksScope(scope)} {lacking}
        </p>
      ))}
    </Notice>
  );
}
