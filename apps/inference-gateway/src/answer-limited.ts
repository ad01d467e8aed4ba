import type { ErrorBody } from "@signalpath/contracts";
import { answerError, type KitContext, type Logger } from "@signalpath/service-kit";

/** The error answer of every app; a 429 says its text as `error` too, where Recotem's clients look. */
export async function answerLimited(
  thrown: unknown,
  c: KitContext,
  logger: Logger,
): Promise<Response> {
  const answer = answerError(thrown, c, logger);
  if (answer.status !== 429) return answer;
  const body = (await answer.json()) as ErrorBody;
  return c.json({ error: body.detail, ...body }, 429);
}
