import type { Db, Tx } from "../db.ts";
import { transact } from "../guard.ts";

/** Runs a decision of the caller; what it throws is what the transaction throws. */
export type Own = <T>(decide: () => T) => T;

/** One transaction; what is thrown inside `own` is no trouble of the database and comes out as it is. */
export async function transactWithRefusals<T>(
  db: Db,
  work: (tx: Tx, own: Own) => Promise<T>,
): Promise<T> {
  let refusal: { error: unknown } | undefined;
  const own: Own = (decide) => {
    try {
      return decide();
    } catch (error) {
      refusal = { error };
      throw error;
    }
  };
  try {
    return await transact(db, (tx) => work(tx, own));
  } catch (error) {
    throw refusal === undefined ? error : refusal.error;
  }
}
