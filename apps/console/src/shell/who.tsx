import { useQuery } from "@tanstack/react-query";

import { dataOf } from "../api/client.ts";
import { useApi } from "../api/use-api.ts";
import { strings } from "../strings.ts";

/** Whose key is signed in, and what it may do: what is missing is known before a call is refused. */
export function Who() {
  const api = useApi();
  const { data } = useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/me/", { signal })),
    staleTime: Infinity,
  });
  if (data === undefined) return null;
  const isAdmin = data.scopes.includes("admin");
  return (
    <p className="small muted">
      {strings.who(data.project.name, data.scopes.join(", "))}
      {!isAdmin && ` ${strings.noAdmin}`}
    </p>
  );
}
