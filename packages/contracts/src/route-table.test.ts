import { describe, expect, it } from "vitest";

import { isPageRequest, ownerOf } from "./route-table.ts";

describe("ownerOf", () => {
  it.each([
    ["POST", "/api/ingest", "ingest-webhook"],
    ["PUT", "/api/ingest/tenant/7", "ingest-webhook"],
    ["GET", "/api/dead-letters", "ingest-webhook"],
    ["POST", "/api/dead-letters/replay", "ingest-webhook"],
    ["GET", "/api/recommend", "recommender"],
    ["POST", "/api/recommend/preview", "recommender"],
    ["GET", "/api/usermodel/explain", "recommender"],
    ["GET", "/api/content", "recommender"],
    ["GET", "/api/facets", "recommender"],
    ["GET", "/api/features/stats", "recommender"],
    ["GET", "/api/v1/me/", "management-api"],
    ["GET", "/api/content/a", "recommender"],
    ["HEAD", "/api/content/a", "recommender"],
    ["PUT", "/api/content", "management-api"],
    ["DELETE", "/api/content/a", "management-api"],
    ["POST", "/api/rebuild", "user-model-updater"],
    ["DELETE", "/api/users/u1", "management-api"],
    ["POST", "/api/v1/api_keys/", "management-api"],
    ["POST", "/api/v1/api_keys/4/revoke/", "management-api"],
    ["GET", "/api/v1/project/", "management-api"],
    ["GET", "/api/live", "management-api"],
    ["GET", "/api/v1/system/", "management-api"],
    ["POST", "/api/v1/experiments/calculate", "experiments"],
    ["GET", "/api/v1/ab_test/1/results/", "experiments"],
    ["POST", "/api/v1/conversion_event/batch/", "experiments"],
    ["POST", "/inference/predict/project/1", "inference-gateway"],
    ["GET", "/inference/health", "inference-gateway"],
  ])("%s %s is answered by %s", (method, path, owner) => {
    expect(ownerOf(method, path)).toBe(owner);
  });

  it("leaves it to the standalone to name the methods of a path that two apps share", () => {
    expect(ownerOf("POST", "/api/content")).toBeUndefined();
  });

  it.each(["/", "/docs", "/readyz", "/api", "/api/unknown", "/api/ingestion", "/predict/1"])(
    "%s is answered by no app",
    (path) => expect(ownerOf("GET", path)).toBeUndefined(),
  );
});

describe("isPageRequest", () => {
  const HTML = "text/html,application/xhtml+xml,*/*;q=0.8";

  it.each(["/", "/users/nora", "/anything"])("%s is a page for a browser", (path) => {
    expect(isPageRequest("GET", path, HTML)).toBe(true);
  });

  it("answers its own files whatever is accepted", () => {
    expect(isPageRequest("GET", "/assets/index-abc.js", "*/*")).toBe(true);
    expect(isPageRequest("HEAD", "/", null)).toBe(true);
  });

  it.each(["/api", "/api/unknown", "/inference/health", "/docs", "/readyz", "/demo", "/metrics"])(
    "%s is none",
    (path) => expect(isPageRequest("GET", path, HTML)).toBe(false),
  );

  it("is none for a script, nor for another method", () => {
    expect(isPageRequest("GET", "/users", "*/*")).toBe(false);
    expect(isPageRequest("POST", "/", HTML)).toBe(false);
  });
});
