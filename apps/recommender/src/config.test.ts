import { readFileSync } from "node:fs";

import { ConfigError, redacted } from "@signalpath/service-kit";
import { expect, test } from "vitest";

import { readConfig, shape } from "./config.ts";

test("the README's table names every variable, its default, and no other", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const table = readme.slice(readme.indexOf("## Environment"));
  const rows = [...table.matchAll(/^\| `(\w+)` \|([^|]*)\|/gm)];
  const written = Object.fromEntries(rows.map(([, name, value]) => [name, value?.trim()]));
  type Value = string | number | boolean | readonly string[] | undefined;
  const config = readConfig({}) as Readonly<Record<string, Value>>;
  const text = (value: Value) => (typeof value === "boolean" ? (value ? "on" : "off") : value);
  const expected = Object.keys(shape).map((name) => [name, String(text(config[name]) ?? "")]);
  expect(written).toEqual(Object.fromEntries(expected));
});

test("defaults, values and mistakes", () => {
  expect(readConfig({}).PORT).toBe(4003);
  expect(readConfig({ PORT: "0", NATS_URL: "" })).toMatchObject({ PORT: 0 });
  expect(() => readConfig({ PORT: "a", REDIS_URL: "http://x" })).toThrow(ConfigError);
  expect(readConfig({ QDRANT_URL: "http://q:6333" }).QDRANT_URL).toBe("http://q:6333");
  expect(() => readConfig({ QDRANT_URL: "q:6333" })).toThrow("QDRANT_URL");
  expect(readConfig({ QDRANT_API_URL: "http://old:6333" }).QDRANT_URL).toBe("http://old:6333");
  const both = { QDRANT_API_URL: "http://old:6333", QDRANT_URL: "http://q:6333" };
  expect(readConfig(both).QDRANT_URL).toBe("http://q:6333");
  expect(redacted(readConfig({ QDRANT_API_KEY: "k" }))).toMatchObject({ QDRANT_API_KEY: "***" });
  const origins = "https://shop.example.com, http://localhost:3000";
  expect(readConfig({ CORS_ORIGINS: origins }).CORS_ORIGINS).toEqual(origins.split(", "));
  expect(() => readConfig({ CORS_ORIGINS: "https://shop.example.com/" })).toThrow("CORS_ORIGINS");
});

test("production needs its servers and a good secret", () => {
  const servers = {
    NODE_ENV: "production",
    NATS_URL: "nats://n:1",
    REDIS_URL: "redis://r:1",
    DATABASE_URL: "postgres://p:1/d",
  };
  const good = { ...servers, SECRET_KEY: "x".repeat(32) };
  expect(readConfig(good).NODE_ENV).toBe("production");
  for (const name of ["NATS_URL", "REDIS_URL", "DATABASE_URL", "SECRET_KEY"]) {
    expect(() => readConfig({ ...good, [name]: "" })).toThrow(name);
  }
  expect(() => readConfig({ ...servers, SECRET_KEY: "changeme" })).toThrow("sample");
});

test("RECOMMEND_RATE_LIMIT is a number in a time", () => {
  const limit = { count: 100, windowMs: 60_000 };
  expect(readConfig({ RECOMMEND_RATE_LIMIT: "100/minute" }).RECOMMEND_RATE_LIMIT).toEqual(limit);
  expect(() => readConfig({ RECOMMEND_RATE_LIMIT: "lots" })).toThrow("100/minute");
});
