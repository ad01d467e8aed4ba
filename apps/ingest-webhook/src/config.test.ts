import { readFileSync } from "node:fs";

import { ConfigError } from "@signalpath/service-kit";
import { describe, expect, it } from "vitest";

import { ENV_SHAPE, limitsOf, readConfig } from "./config.ts";

describe("configuration", () => {
  it("starts with nothing set", () => {
    const config = readConfig({});
    expect(config).toMatchObject({ PORT: 4_001, HOST: "127.0.0.1", NODE_ENV: "development" });
    expect(limitsOf(config)).toEqual({ maxInFlight: 128, maxLargeInFlight: 4, maxWaiting: 512 });
  });

  it("names every variable that is wrong", () => {
    const read = () => readConfig({ PORT: "x", NATS_URL: "http://h", INGEST_MAX_WAITING: "0" });
    expect(read).toThrow(ConfigError);
    for (const name of ["PORT", "NATS_URL", "INGEST_MAX_WAITING"]) expect(read).toThrow(name);
  });

  it("production needs its servers and a secret", () => {
    const read = () => readConfig({ NODE_ENV: "production" });
    for (const name of ["NATS_URL", "DATABASE_URL", "SECRET_KEY"]) expect(read).toThrow(name);
    expect(read).not.toThrow("REDIS_URL");
  });

  it("README.md lists the same variables", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const listed = [...readme.matchAll(/^\| `([A-Z_]+)` \|/gm)].map((match) => match[1]);
    expect(new Set(listed)).toEqual(new Set(Object.keys(ENV_SHAPE)));
    expect(listed).toHaveLength(new Set(listed).size);
  });
});
