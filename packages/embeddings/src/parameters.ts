import { EmbeddingError } from "./errors.ts";
import type { EmbeddingMethod } from "./types.ts";

/** What a training of the kind `embedding` may be told. */
export interface EmbeddingParameters {
  /** Absent: `ials` where there are enough interactions, else `tags`. */
  method?: EmbeddingMethod;
  /** 2..512; of `provider` the provider decides. */
  dimensions?: number;
  /** Ridge penalty of the map from tags to factors or a provider's vectors, above 0. */
  lambda?: number;
}

const METHODS: readonly unknown[] = ["tags", "ials", "provider"] satisfies EmbeddingMethod[];

const CHECKS: Record<keyof EmbeddingParameters, (value: unknown) => string | undefined> = {
  method: (value) => (METHODS.includes(value) ? undefined : "is one of tags, ials, provider"),
  dimensions: (value) =>
    Number.isInteger(value) && Number(value) >= 2 && Number(value) <= 512
      ? undefined
      : "is a whole number from 2 to 512",
  lambda: (value) =>
    typeof value === "number" && value > 0 && value <= 1e6 ? undefined : "is above 0, at most 1e6",
};

/** What a training would refuse, told before there is any data; nothing when all of it is fine. */
export function embeddingParameterIssues(
  parameters: Readonly<Record<string, unknown>>,
): { path: string; message: string }[] {
  return Object.entries(parameters).flatMap(([path, value]) => {
    const check = Object.hasOwn(CHECKS, path)
      ? CHECKS[path as keyof EmbeddingParameters]
      : undefined;
    const message = check === undefined ? "is no parameter of this kind" : check(value);
    return message === undefined ? [] : [{ path, message: `${path} ${message}` }];
  });
}

/** @throws EmbeddingError PARAMETERS_INVALID. */
export function readEmbeddingParameters(
  parameters: Readonly<Record<string, unknown>>,
): EmbeddingParameters {
  const [issue] = embeddingParameterIssues(parameters);
  if (issue !== undefined) throw new EmbeddingError("PARAMETERS_INVALID", issue.message);
  return parameters;
}
