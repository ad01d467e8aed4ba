export {
  createModelCache,
  isAway,
  type ModelCache,
  type ModelCacheEvent,
  type ModelCacheOptions,
  type ModelCacheStats,
} from "./cache.ts";
export { type Checker, createInlineChecker } from "./checks/checker.ts";
export { createThreadChecker, type ThreadCheckerOptions } from "./checks/thread-checker.ts";
export {
  createModelLoader,
  type LoadedModel,
  type ModelKind,
  type ModelLoaderOptions,
  type ModelRow,
  openArtefact,
} from "./load.ts";
export {
  artefactPath,
  type NewArtefact,
  signArtefact,
  type SignedArtefact,
  signPayload,
  writeArtefact,
} from "./sign.ts";
export { createKeyRing, type KeyRing, type KeyRingOptions } from "./signing/key-ring.ts";
export { type LoadedView, type VerifiedArtefact, verifyArtefact } from "./verify.ts";
