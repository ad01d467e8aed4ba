import { SUBJECT_OF_KIND } from "@signalpath/contracts";

import type { Feature } from "./feature.ts";

/** Features by name, in the order of their files. */
export interface FeatureRegistry {
  features: readonly Feature[];
  get(name: string): Feature | undefined;
  /** Features that an event of this bus subject makes be computed again. */
  invalidatedBy(subject: string): readonly Feature[];
}

/** Of other subjects nobody computes features. */
const SIGNALS: ReadonlySet<string> = new Set(
  Object.values(SUBJECT_OF_KIND).map(({ name }) => name),
);
const NAME = /^[a-z][a-z0-9_]*$/;

/** @throws TypeError naming every definition that is not one. */
export function createFeatureRegistry(features: readonly Feature[]): FeatureRegistry {
  const problems = problemsOf(features);
  if (problems.length > 0) throw new TypeError(`feature registry: ${problems.join("; ")}`);
  const byName = new Map(features.map((feature) => [feature.name, feature]));
  const bySubject = new Map<string, Feature[]>();
  for (const feature of features) {
    for (const subject of feature.invalidatedBy) {
      bySubject.set(subject, [...(bySubject.get(subject) ?? []), feature]);
    }
  }
  return {
    features,
    get: (name) => byName.get(name),
    invalidatedBy: (subject) => bySubject.get(subject) ?? [],
  };
}

function problemsOf(features: readonly Feature[]): string[] {
  const seen = new Set<string>();
  return features.flatMap((feature) => {
    const { name, ttlSec, fallback, invalidatedBy } = feature;
    const problems = invalidatedBy
      .filter((subject) => !SIGNALS.has(subject))
      .map((subject) => `${name} is invalidated by ${subject}, which is no subject of a signal`);
    if (seen.has(name)) problems.push(`${name} is there twice`);
    if (!NAME.test(name)) problems.push(`${name} is not snake_case`);
    if (!Number.isInteger(ttlSec) || ttlSec <= 0) problems.push(`${name} has no time to live`);
    if (!fallback.text.startsWith(String(fallback.value))) {
      problems.push(`${name} prints another fallback than it has`);
    }
    seen.add(name);
    return problems;
  });
}
