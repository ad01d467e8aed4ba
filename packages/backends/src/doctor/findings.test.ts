import { ConfigError, createMemoryKeys, createMemoryProjects } from "@signalpath/ports";
import { describe, expect, it, test } from "vitest";

import { databaseFindings } from "./database-findings.ts";
import { adminKeyFinding } from "./examine-servers.ts";
import { isLoopback, natsFindings } from "./nats-findings.ts";
import { redisFindings } from "./redis-findings.ts";
import { takeFindings } from "./take-findings.ts";

const open = { version: "2.10.0", jetStream: true, authRequired: false, missing: ["newer adds x"] };
const refusals = (url: string, server = open) =>
  natsFindings(url, server).filter(({ verdict }) => verdict === "refused").length;

describe("a bus", () => {
  test.each([
    ["nats://127.0.0.1:4000", true],
    ["localhost:4000", true],
    ["tls://[::1]:4000", true],
    ["nats://127.0.0.1.example.org", false],
    ["nats://10.0.0.1", false],
    ["nats://nats:4000", false],
    ["nats://", false],
  ])("at %s is on loopback: %s", (url, is) => expect(isLoopback(url)).toBe(is));

  it("open to anybody is refused as soon as one of its servers is elsewhere", () => {
    expect(refusals("nats://127.0.0.1:1")).toBe(0);
    expect(refusals("nats://127.0.0.1:1, nats://far:1")).toBe(1);
    expect(refusals("nats://far:1", { ...open, authRequired: true })).toBe(0);
  });

  it("must store messages; what a newer one adds is a warning", () => {
    expect(refusals("nats://localhost:1", { ...open, jetStream: false })).toBe(1);
    expect(natsFindings("nats://localhost:1", open)).toContainEqual({
      about: "nats",
      verdict: "warning",
      what: "newer adds x",
    });
  });
});

describe("a Redis", () => {
  it("that forgets is refused, one that cannot be asked is not", () => {
    const verdicts = (warnings: string[]) => redisFindings(warnings).map(({ verdict }) => verdict);
    expect(verdicts([])).toEqual(["ok"]);
    expect(verdicts(["appendonly is off: x", "maxmemory-policy y"])).toEqual([
      "refused",
      "warning",
    ]);
    expect(verdicts(["CONFIG is refused (x)"])).toEqual(["warning"]);
  });
});

describe("a database", () => {
  it("must have this release's tables; an old or careless one is a warning", () => {
    const good = { version: "15.8", pendingMigrations: 0, unsafe: [] };
    expect(databaseFindings(good).map(({ verdict }) => verdict)).toEqual(["ok", "ok"]);
    const bad = { version: "14.1", pendingMigrations: 2, unsafe: ["fsync"] };
    expect(databaseFindings(bad).map(({ verdict }) => verdict)).toEqual([
      "warning",
      "refused",
      "warning",
    ]);
  });

  it("has an admin key that is neither revoked nor expired", async () => {
    const now = () => Date.UTC(2026, 5, 12);
    const projects = createMemoryProjects({ now });
    const keys = createMemoryKeys({ projects, now });
    const { id: projectId } = await projects.create("shop");
    const make = (name: string, scope: "read" | "admin", expiresAt?: string) =>
      keys.create({
        projectId,
        name,
        kind: "api",
        scopes: [scope],
        prefix: name,
        hash: name,
        ...(expiresAt === undefined ? {} : { expiresAt }),
      });
    for (let n = 0; n < 501; n++) await make(`reader ${n}`, "read");
    await make("old", "admin", "2026-06-01T00:00:00.000Z");
    expect((await adminKeyFinding(keys, now())).verdict).toBe("warning");
    const key = await make("chief", "admin", "2026-07-01T00:00:00.000Z");
    expect((await adminKeyFinding(keys, now())).verdict).toBe("ok");
    await keys.revoke(key.id, new Date(now()).toISOString());
    expect((await adminKeyFinding(keys, now())).verdict).toBe("warning");
  });
});

describe("a start", () => {
  const findings = [
    { about: "redis", verdict: "refused", what: "a" },
    { about: "nats", verdict: "warning", what: "b" },
    { about: "nats", verdict: "ok", what: "c" },
  ] as const;

  it("stops in production with every reason, and warns elsewhere", () => {
    const lines: string[] = [];
    const warn = (line: string) => void lines.push(line);
    const start = (env: string) => takeFindings(findings, { NODE_ENV: env }, { warn });
    expect(() => start("production")).toThrow(new ConfigError(["redis: a"]));
    start("development");
    expect(lines).toEqual(["redis: a", "nats: b"]);
  });
});
