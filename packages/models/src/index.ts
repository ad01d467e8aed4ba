export { ModelError, type ModelErrorCode } from "./errors.ts";
export {
  compare,
  compareLive,
  verdictOf,
  type Comparison,
  type LiveComparison,
  type LiveModel,
} from "./evaluation/compare.ts";
export {
  fit,
  kindOf,
  recommendBy,
  recommendFrom,
  type Candidate,
  type Fitted,
  type FitOptions,
} from "./evaluation/fit.ts";
export { validationFolds } from "./evaluation/folds.ts";
export * from "./evaluation/judge-lists.ts";
export { artefactKinds } from "./artefact-kinds.ts";
export { contentLtr, RANKER_FEATURES, type Ranker } from "./kinds/content-ltr/content-ltr.ts";
export { parameterIssues } from "./evaluation/parameter-issues.ts";
export { createRandom } from "./evaluation/random.ts";
export { search, type Scores, type SearchReport } from "./evaluation/search.ts";
export {
  divide,
  evenlySpread,
  SPLIT_SCHEMES,
  type Parts,
  type SplitFacts,
  type SplitScheme,
} from "./evaluation/split.ts";
export { trialsOf, type SearchWish } from "./evaluation/trials.ts";
export { createWalk } from "./evaluation/walk.ts";
export * from "./interactions/build.ts";
export * from "./interactions/decay.ts";
export { fadeAsAsked, fadedCandidate } from "./interactions/fade.ts";
export type { Interactions, SparseRows } from "./interactions/types.ts";
export type * from "./kind/types.ts";
export { blend, type BlendCore, type BlendParameters } from "./kinds/blend/blend.ts";
export { ease, type EaseCore, type EaseParameters } from "./kinds/ease/ease.ts";
export { ials, type IalsCore, type IalsParameters } from "./kinds/ials/ials.ts";
export { itemKnn, type ItemKnnParameters } from "./kinds/item-knn/item-knn.ts";
export { popular, type PopularCore, type PopularParameters } from "./kinds/popular/popular.ts";
export { rp3beta, type Rp3betaParameters } from "./kinds/rp3beta/rp3beta.ts";
export type { RowSparseCore } from "./kinds/row-sparse.ts";
export { modelKinds, type AnyModelKind } from "./registry.ts";
