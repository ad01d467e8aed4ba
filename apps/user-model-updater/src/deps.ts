import type { Sha256 } from "@signalpath/domain";
import type {
  Archive,
  ArchiveReader,
  Bus,
  Catalogue,
  ContentStore,
  DeadLetters,
  EventBuffer,
  FeatureStore,
  ItemStats,
  Probe,
  Projects,
  UserModelStore,
} from "@signalpath/ports";
import type { Authenticator, ContentFeed, ItemSpaces, Kit } from "@signalpath/service-kit";

import type { UpdaterOptions } from "./context.ts";

/** What the updater stands on. Nothing here is closed by it. */
export interface UserModelUpdaterDeps {
  kit: Kit;
  version: string;
  /** Phase of the process, asked by `/readyz`. */
  state: () => "starting" | "running" | "draining";
  authenticator: Authenticator;
  bus: Bus;
  archive: Archive;
  reader: ArchiveReader;
  deadLetters: DeadLetters;
  itemStats: ItemStats;
  buffer: EventBuffer;
  models: UserModelStore;
  /** Where profile features are kept; absent = none are computed. */
  features?: FeatureStore;
  content: ContentStore;
  catalogue: Pick<Catalogue, "changes" | "version">;
  projects: Pick<Projects, "list">;
  /** Embedding spaces that serve; somebody else starts and closes them. */
  spaces?: ItemSpaces;
  /** A feed of `content` that somebody else starts and closes; absent = its own. */
  feed?: ContentFeed;
  sha256: Sha256;
  /** Buffers and models live in this process: nothing in them is older than it. */
  embeddedUserState?: boolean;
  /** Counts item-to-item neighbours (default true). */
  neighbours?: boolean;
  /** Further dependencies that `/readyz` names. */
  probes?: readonly Probe[];
  options?: Partial<UpdaterOptions>;
}
