export { createSignalpath, type Signalpath, type SignalpathOptions } from "./client.ts";
export type { Visibility } from "./impressions.ts";
export {
  SignalpathError,
  type Consent,
  type EndReason,
  type ItemRef,
  type Reaction,
  type Reason,
  type Recommendation,
  type RecommendedItem,
  type RecommendOptions,
  type Stats,
  type View,
} from "./types.ts";
