import { describe, expect, it } from "vitest";

import {
  ConfigError,
  flag,
  portEnv,
  productionRefusals,
  readEnv,
  redacted,
  refuseInProduction,
  gitShaOf,
  sharedEnv,
} from "./env.ts";

const shape = { ...sharedEnv, PORT: portEnv(4001), DEMO: flag.optional() };

it.each([
  ["0123abc", "0123abc"],
  ["  0123abcdef0123abcdef0123abcdef0123abcdef \n", "0123abcdef0123abcdef0123abcdef0123abcdef"],
  ["", "unknown"],
  [undefined, "unknown"],
  ['main"} 1', "unknown"],
])("the commit of GIT_SHA=%j is %s", (GIT_SHA, sha) => expect(gitShaOf({ GIT_SHA })).toBe(sha));

describe("readEnv", () => {
  it("fills defaults and takes an empty variable as unset", () => {
    const config = readEnv(shape, { REDIS_URL: "", PORT: "" });
    expect(config).toMatchObject({ PORT: 4001, HOST: "127.0.0.1", LOG_LEVEL: "info" });
    expect(config.REDIS_URL).toBeUndefined();
  });

  it("names every variable that is wrong", () => {
    const bad = { PORT: "99999", NATS_URL: "http://x", DEMO: "maybe" };
    try {
      readEnv(shape, bad);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      const names = (error as ConfigError).reasons.map((reason) => reason.split(":")[0] ?? "");
      expect(names.toSorted()).toEqual(["DEMO", "NATS_URL", "PORT"]);
    }
  });
});

describe("production", () => {
  const good = {
    NODE_ENV: "production",
    SECRET_KEY: "k".repeat(40),
    NATS_URL: "nats://n",
    REDIS_URL: "redis://r",
    DATABASE_URL: "postgres://p",
  };
  const needs = ["NATS_URL", "REDIS_URL", "DATABASE_URL"] as const;

  it("starts with every server and a real secret", () => {
    expect(productionRefusals(good, needs)).toEqual([]);
  });

  it.each([
    ["a missing server", { ...good, REDIS_URL: undefined }, /REDIS_URL/],
    ["no secret", { ...good, SECRET_KEY: undefined }, /SECRET_KEY: required/],
    ["a sample secret", { ...good, SECRET_KEY: "VeryBadSecret@ChangeThis" }, /sample/],
    [
      "a sample as the secret before",
      { ...good, SECRET_KEY_PREVIOUS: "VeryBadSecret@ChangeThis" },
      /SECRET_KEY_PREVIOUS: is a sample/,
    ],
    ["a short secret", { ...good, SECRET_KEY: "short-but-own" }, /shorter/],
  ])("refuses %s", (_what, config, reason) => {
    expect(() => refuseInProduction(config, needs)).toThrow(reason);
  });

  it("refuses nothing elsewhere", () => {
    expect(productionRefusals({ NODE_ENV: "development" }, needs)).toEqual([]);
  });
});

it("prints no secret and no password", () => {
  const shown = redacted({
    SECRET_KEY: "s3cret",
    SECRET_KEY_PREVIOUS: "s3cret too",
    DATABASE_URL: "postgres://app:hunter2@db/x",
    PORT: 1,
  });
  expect(shown).toEqual({
    SECRET_KEY: "***",
    SECRET_KEY_PREVIOUS: "***",
    DATABASE_URL: "postgres://app:***@db/x",
    PORT: 1,
  });
});
