import type { Scope } from "@signalpath/contracts";

import type { Stores } from "./open-stores.ts";
import type { Opening } from "./opening.ts";
import { sampleCatalogue } from "./sample-catalogue/sample-catalogue.ts";

/** A new key as the app mints it: shown once, stored as its hash. */
export type MintKey = () => { key: string; prefix: string; hash: string };

const KEYS = [
  { name: "development write key", kind: "write", scopes: ["write"], source: "development" },
  { name: "development key", kind: "api", scopes: ["read", "write", "predict"] },
  { name: "development admin key", kind: "api", scopes: ["admin"] },
] as const;

/**
 * Makes tables that end with this process usable: a project, the sample catalogue, one key of each
 * kind, printed. Tables that outlive it are left alone.
 */
export async function prepareDevelopment(
  stores: Pick<Stores, "kind" | "projects" | "keys" | "catalogue">,
  opening: Pick<Opening, "now" | "warn">,
  mintKey: MintKey,
): Promise<void> {
  if (stores.kind !== "memory") return;
  const project = await stores.projects.create("development");
  await stores.catalogue.put(project.id, sampleCatalogue(opening.now()));
  const shown: string[] = [];
  for (const { scopes, ...rest } of KEYS) {
    const { key, prefix, hash } = mintKey();
    const given: Scope[] = [...scopes];
    await stores.keys.create({ ...rest, projectId: project.id, scopes: given, prefix, hash });
    shown.push(`${rest.kind} (${scopes.join(", ")}): ${key}`);
  }
  opening.warn(`project ${project.id} with the sample catalogue and keys: ${shown.join("; ")}`);
}
