import type { Endpoint } from "@signalpath/contracts";

/** Router form of a path: `{id}` -> `:id`. */
export function pattern({ path }: Pick<Endpoint, "path">): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

/** With and without the last slash. */
export function bothForms(endpoint: Pick<Endpoint, "path">): string[] {
  const path = pattern(endpoint);
  return [path, path.replace(/\/$/, "")];
}
