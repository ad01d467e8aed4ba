import { ServiceError } from "@signalpath/contracts";
import { KeyReusedError } from "@signalpath/ports";

/** A reused key as the error it is answered with. */
export async function withReuseNamed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof KeyReusedError)) throw error;
    const message = "this Idempotency-Key was used for another request";
    throw new ServiceError("IDEMPOTENCY_KEY_REUSED", message, { cause: error });
  }
}
