import { ServiceError } from "@signalpath/contracts";
import { EMBEDDING_KIND, embeddingParameterIssues } from "@signalpath/embeddings";
import { parameterIssues } from "@signalpath/models";

/** Names of the fields that a request has for them. */
interface Fields {
  kind: string;
  parameters: string;
}

/**
 * Refuses what a trainer could not train, before a row is written: a kind nobody has, a parameter it
 * does not take, a value out of its range. The rules are those of the kinds themselves.
 * @throws ServiceError VALIDATION_FAILED with the path of each field.
 */
export function assertTrainable(
  { kind, parameters }: { kind: string; parameters: Readonly<Record<string, unknown>> },
  fields: Fields = { kind: "kind", parameters: "parameters" },
): void {
  const found =
    kind === EMBEDDING_KIND
      ? embeddingParameterIssues(parameters)
      : parameterIssues(kind, parameters);
  const issues = found.map(({ path, message }) => ({
    path: path === "" ? fields.kind : `${fields.parameters}.${path}`,
    message,
  }));
  if (issues.length === 0) return;
  throw new ServiceError("VALIDATION_FAILED", "the request is not valid", { issues });
}
