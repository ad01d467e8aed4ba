// Contract suites: what every keeper of a port must pass. Imported by tests only.
export * from "./event-buffer/contract.ts";
export {
  eventAt,
  randomKey,
  type MakeUserState,
  type UserStateUnderTest,
} from "./event-buffer/under-test.ts";
export * from "./user-model-store/contract.ts";
export * from "./bus/contract.ts";
export * from "./embedding-provider/contract.ts";
export { ownSubjects, type BusUnderTest, type MakeBus } from "./bus/under-test.ts";
export * from "./content-store/contract.ts";
export {
  contentItem,
  type MakeContentStore,
  type SkippedContentTests,
} from "./content-store/under-test.ts";
export { archiveContract } from "./archive/contract.ts";
export {
  iso,
  sha256,
  viewed,
  type ArchiveParts,
  type MakeArchive,
} from "./archive/contract-parts.ts";
export { archiveReaderContract } from "./archive/reader-contract.ts";
export { abTestsContract } from "./ab-tests/contract.ts";
export { experimentEventsContract } from "./experiment-events/contract.ts";
export { experimentsContract } from "./experiments/contract.ts";
export { catalogueContract } from "./catalogue/contract.ts";
export { CONTRACT_MAX_LETTERS, deadLettersContract } from "./dead-letters/contract.ts";
export { featureStoreContract, type FeaturesUnderTest } from "./feature-store/contract.ts";
export { itemStatsContract } from "./item-stats/contract.ts";
export { keysContract, type KeysParts } from "./keys/contract.ts";
export { learningContract } from "./learning/contract.ts";
export { modelFilesContract, type ModelFilesUnderTest } from "./model-files/contract.ts";
export { projectsContract } from "./projects/contract.ts";
export { rankingRulesContract } from "./ranking-rules/contract.ts";
export { rateLimiterContract } from "./rate-limiter/contract.ts";
export { deploymentSlotsContract } from "./deployment-slots/contract.ts";
export { modelCatalogueContract } from "./model-catalogue/contract.ts";
export { newVersion, runSpec, type TrainingParts } from "./model-catalogue/under-test.ts";
export { modelConfigurationsContract } from "./model-configurations/contract.ts";
export { retrainingSchedulesContract } from "./retraining-schedules/contract.ts";
export { trainingDataContract } from "./training-data/contract.ts";
export { trainingRunsContract } from "./training-runs/contract.ts";
