export * from "./evaluator.ts";
export * from "./feature.ts";
export { FEATURES } from "./features.generated.ts";
export * from "./registry.ts";
