import { readFileSync } from "node:fs";

import { ConfigError, redacted } from "@signalpath/service-kit";
import { startApp } from "@signalpath/stack/app-process.ts";
import { expect, test } from "vitest";

import { mediaRootOf, readConfig, renamedSettings, settingsOf, shape } from "./config.ts";

test("the README's table names every variable and no other", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const table = readme.slice(readme.indexOf("## Environment"));
  const named = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => `${name}`);
  expect(named.toSorted()).toEqual(Object.keys(shape).toSorted());
});

test("defaults, values and mistakes", () => {
  expect(readConfig({}).PORT).toBe(8081);
  expect(readConfig({ PORT: "0" }).PORT).toBe(0);
  expect(readConfig({ PORT: "0", INFERENCE_PORT: "9000" }).PORT).toBe(9000);
  expect(settingsOf(readConfig({}))).toEqual({
    rateLimit: { count: 100, windowMs: 60_000 },
    maxModels: 10,
    maxBytes: 2 * 2 ** 30,
    preload: [],
  });
  const given = {
    INFERENCE_RATE_LIMIT: "5/second",
    INFERENCE_MAX_LOADED_MODELS: "3",
    INFERENCE_PRELOAD_MODEL_IDS: "7, 1,,12",
  };
  expect(settingsOf(readConfig(given))).toMatchObject({
    rateLimit: { count: 5, windowMs: 1_000 },
    maxModels: 3,
    preload: [7, 1, 12],
  });
  for (const wrong of [
    { INFERENCE_RATE_LIMIT: "lots" },
    { INFERENCE_MAX_LOADED_MODELS: "0" },
    { INFERENCE_PRELOAD_MODEL_IDS: "1,best" },
    { INFERENCE_PORT: "a" },
  ]) {
    expect(() => readConfig(wrong)).toThrow(ConfigError);
  }
  expect(redacted(readConfig({ MODEL_SIGNING_KEYS: "k:c2VjcmV0" }))).toMatchObject({
    MODEL_SIGNING_KEYS: "***",
  });
  expect(mediaRootOf(readConfig({}))).toBe("/data");
  expect(mediaRootOf(readConfig({ SIGNALPATH_DATA_DIR: "d" }))).toBe("d/media");
  expect(mediaRootOf(readConfig({ SIGNALPATH_DATA_DIR: "d", MEDIA_ROOT: "/m" }))).toBe("/m");
});

const good = {
  NODE_ENV: "production",
  NATS_URL: "nats://n:1",
  REDIS_URL: "redis://r:1",
  DATABASE_URL: "postgres://p:1/d",
  SECRET_KEY: "x".repeat(32),
};

test("production needs its servers and a good secret, and serves nothing unsigned", () => {
  expect(readConfig(good).NODE_ENV).toBe("production");
  for (const name of ["NATS_URL", "REDIS_URL", "DATABASE_URL", "SECRET_KEY"]) {
    expect(() => readConfig({ ...good, [name]: "" })).toThrow(name);
  }
  expect(() => readConfig({ ...good, SECRET_KEY: "VeryBadSecret@ChangeThis" })).toThrow("sample");
  for (const on of ["True", "1", "yes"]) {
    expect(() => readConfig({ ...good, PICKLE_ALLOW_LEGACY_UNSIGNED: on })).toThrow("unsigned");
  }
  expect(readConfig({ ...good, PICKLE_ALLOW_LEGACY_UNSIGNED: "False" }).NODE_ENV).toBe(
    "production",
  );
});

test("settings of Recotem that moved have a line each", () => {
  expect(renamedSettings({ MODEL_EVENTS_REDIS_URL: "" })).toEqual([]);
  const lines = renamedSettings({
    MODEL_EVENTS_REDIS_URL: "redis://r:1/3",
    RECOTEM_STORAGE_TYPE: "S3",
    PICKLE_ALLOW_LEGACY_UNSIGNED: "False",
    QDRANT_API_URL: "http://q:6333",
  });
  expect(lines.map((line) => line.split(":", 1)[0])).toEqual([
    "MODEL_EVENTS_REDIS_URL",
    "RECOTEM_STORAGE_TYPE",
    "PICKLE_ALLOW_LEGACY_UNSIGNED",
    "QDRANT_API_URL",
  ]);
  expect(lines.join()).not.toContain("r:1");
});

test("a start that is refused ends with 78 and a line a reason", async () => {
  const env = { ...good, SECRET_KEY: "secret", RECOTEM_STORAGE_TYPE: "S3" };
  const said = await startApp("inference-gateway", env).then(
    () => "it started",
    (error: unknown) => String(error),
  );
  expect(said).toContain("ended with 78");
  expect(said).toContain("inference-gateway: SECRET_KEY: is a sample value\n");
  expect(said).toContain("inference-gateway: RECOTEM_STORAGE_TYPE: not used");
});
