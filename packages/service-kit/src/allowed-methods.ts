import type { Endpoint } from "@signalpath/contracts";

/** One path an app answers, in the router's form: `/api/content/:item_id`. */
interface Route {
  method: string;
  path: string;
}

/**
 * Finds the methods that a path answers, for `Allow`; none for a path that nobody knows.
 * @param routes bound routes; middleware (any method, or every path) does not count.
 * @param endpoints what is answered behind the same edge; their last slash is optional.
 */
export function createAllowedMethods(
  routes: () => readonly Route[],
  endpoints: readonly Endpoint[],
): (path: string) => string[] {
  let known: { method: string; pattern: RegExp }[] | undefined;

  function read(): { method: string; pattern: RegExp }[] {
    const bound = routes().filter(({ method, path }) => method !== "ALL" && !path.endsWith("*"));
    const told = endpoints.map(({ method, path }) => ({
      method: method.toUpperCase(),
      path: path.replaceAll(/\{(\w+)\}/g, ":$1"),
    }));
    return [...bound, ...told].map(({ method, path }) => ({ method, pattern: patternOf(path) }));
  }

  return (path) => {
    known ??= read();
    const found = known.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    return [...new Set(found.includes("GET") ? [...found, "HEAD"] : found)].sort();
  };
}

function patternOf(path: string): RegExp {
  const parts = path
    .replace(/\/$/, "")
    .split("/")
    .map((part) =>
      part.startsWith(":") ? "[^/]+" : part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"),
    );
  return new RegExp(`^${parts.join("/")}/?$`);
}
