import type { Archive, ArchiveReader, Bus } from "@signalpath/ports";

import type { Context } from "@signalpath/user-model-updater/internal/context.ts";
import type { LedgerRules } from "./ledger.ts";
import type { Step } from "./steps.ts";
import type { LossyUserState } from "./user-state.ts";

/** One rule switched off, everything else as it is. */
export interface Mutation {
  name: string;
  /** Rules of the archive transaction that are left out. */
  rules?: Partial<LedgerRules>;
  ackFirst?: boolean;
  /** Schedules within which it must be found; 200 when absent. */
  within?: number;
  /** Schedules of one shape, where the steps that show it seldom come together by chance. */
  plan?(seed: number): Step[];
  archive?(archive: Archive): Archive;
  reader?(reader: ArchiveReader): ArchiveReader;
  /** Changes the store of buffers and models before anybody uses it. */
  userState?(store: LossyUserState): void;
  /** Changes what one updater works with. */
  context?(ctx: Context, store: LossyUserState): void;
  bus?(bus: Bus): Bus;
}
