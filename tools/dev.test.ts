import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { devArguments } from "./dev-arguments.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

describe("pnpm dev", () => {
  it("takes the bare name of an app, however it is given", () => {
    expect(devArguments(["--filter=recommender"])).toEqual([
      "run",
      "dev",
      "--filter=@signalpath/recommender",
    ]);
    expect(devArguments(["--filter", "recommender"]).at(-1)).toBe("@signalpath/recommender");
    expect(devArguments(["--filter=./apps/cli"]).at(-1)).toBe("--filter=./apps/cli");
  });

  it.each(readdirSync(`${root}apps`).filter((app) => app !== "cli"))("finds %s", (app) => {
    const dry = [...devArguments([`--filter=${app}`]), "--dry-run=json"];
    const done = spawnSync(`${root}node_modules/.bin/turbo`, dry, {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
    });
    expect(done.status, done.stderr).toBe(0);
    const { tasks } = JSON.parse(done.stdout) as { tasks: { taskId: string; command: string }[] };
    const task = tasks.find(({ taskId }) => taskId === `@signalpath/${app}#dev`);
    expect(task?.command).toContain("src/main.ts");
  });
});
