import { ConfigError } from "@signalpath/service-kit";
import { describe, expect, it } from "vitest";

import { ignoredVariables, readConfig } from "./config.ts";

describe("readConfig", () => {
  it("has a default for everything", () => {
    expect(readConfig({})).toMatchObject({
      PORT: 4_000,
      HOST: "127.0.0.1",
      SIGNALPATH_DATA_DIR: ".signalpath",
      SIGNALPATH_DEMO: true,
    });
  });

  it("refuses production unless embedded stores are allowed aloud", () => {
    expect(() => readConfig({ NODE_ENV: "production" })).toThrow(ConfigError);
    const env = { NODE_ENV: "production", SIGNALPATH_ALLOW_EMBEDDED: "on" };
    expect(readConfig(env).NODE_ENV).toBe("production");
  });

  it("names the variable that is wrong", () => {
    expect(() => readConfig({ PORT: "http" })).toThrow(/PORT/);
    expect(() => readConfig({ SIGNALPATH_DEMO: "maybe" })).toThrow(/SIGNALPATH_DEMO/);
  });
});

describe("ignoredVariables", () => {
  it("names servers that this process will not use", () => {
    expect(ignoredVariables({ REDIS_URL: "redis://x", NATS_URL: "" })).toEqual(["REDIS_URL"]);
  });
});
