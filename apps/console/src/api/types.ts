import type { components } from "./schema.generated.ts";

/** One named shape of the OpenAPI document: `Schema<"RecommendResponse">`. */
export type Schema<N extends keyof components["schemas"]> = components["schemas"][N];
