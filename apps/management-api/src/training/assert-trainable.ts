import { ServiceError } from "@signalpath/contracts";
import { EMBEDDING_KIND, embeddingParameterIssues } from "@signalpath/embeddings";
import { parameterIssues } from "@signalpath/models";

/** Names of the fields that a request has for them. */
interface Fields {
  kind: string;
  parameters: string;
  promotion: string;
}

const FIELDS: Fields = { kind: "kind", parameters: "parameters", promotion: "promotion" };
const NOT_JUDGED =
  "an embedding is not evaluated on held out rows, so nothing tells which is better";

/**
 * Refuses what a trainer could not train, before a row is written: a kind nobody has, a parameter it
 * does not take, a value out of its range, a promotion by an evaluation that the kind has not. The rules are those of the kinds themselves.
 * @throws ServiceError VALIDATION_FAILED with the path of each field.
 */
export function assertTrainable(
  {
    kind,
    parameters,
    promotion,
  }: {
    kind: string;
    parameters: Readonly<Record<string, unknown>>;
    /** Absent where nothing is trained yet. */
    promotion?: string;
  },
  given: Partial<Fields> = {},
): void {
  const fields = { ...FIELDS, ...given };
  const found =
    kind === EMBEDDING_KIND
      ? embeddingParameterIssues(parameters)
      : parameterIssues(kind, parameters);
  const issues = found.map(({ path, message }) => ({
    path: path === "" ? fields.kind : `${fields.parameters}.${path}`,
    message,
  }));
  if (kind === EMBEDDING_KIND && promotion === "better") {
    issues.push({ path: fields.promotion, message: NOT_JUDGED });
  }
  if (issues.length === 0) return;
  throw new ServiceError("VALIDATION_FAILED", "the request is not valid", { issues });
}
