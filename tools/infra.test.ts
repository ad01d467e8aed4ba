import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { startApp } from "@signalpath/stack/app-process.ts";
import { runCli } from "@signalpath/stack/cli.ts";
import { programOf } from "@signalpath/stack/programs.ts";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const apps = readdirSync(join(root, "apps"));
/** Run by a person or in one process; every other app is a service of its own. */
const NO_SERVICE = new Set(["cli", "standalone"]);

interface Service {
  build?: { args: { APP: string } };
  image?: string;
  environment?: Record<string, string>;
  read_only?: boolean;
  cap_drop?: string[];
}
const compose = parse(read("infra/compose.yaml"), { merge: true }) as {
  services: Record<string, Service>;
};

describe("infra/compose.yaml", () => {
  it("runs every app, each built as itself, without rights it does not need", () => {
    for (const app of apps.filter((name) => !NO_SERVICE.has(name))) {
      const service = compose.services[app];
      expect(service?.build?.args.APP, app).toBe(app);
      expect(service, app).toMatchObject({ read_only: true, cap_drop: ["ALL"] });
      expect(service?.environment, app).toMatchObject({ NODE_ENV: "production" });
    }
  });

  it("brings the four servers", () => {
    const images = Object.values(compose.services).map((service) => service.image ?? "");
    for (const server of ["nats:", "redis:", "postgres:", "qdrant/"]) {
      expect(
        images.some((image) => image.startsWith(server)),
        server,
      ).toBe(true);
    }
  });

  it("asks for nothing that infra/env.example does not name, and names nothing unused", () => {
    const used = new Set(
      [
        ...`${read("infra/compose.yaml")}\n${read("infra/nats.conf")}`.matchAll(
          /\$\{?([A-Z][A-Z0-9_]+)/g,
        ),
      ]
        .map((match) => match[1] as string)
        .filter((name) => name !== "JS"),
    );
    const named = new Set(
      [...read("infra/env.example").matchAll(/^([A-Z][A-Z0-9_]+)=/gm)].map(
        (match) => match[1] as string,
      ),
    );
    expect([...named].toSorted()).toEqual([...used].toSorted());
  });
});

describe("infra/Dockerfile", () => {
  it("starts the bundle as nobody in particular, from files that exist", () => {
    const text = read("infra/Dockerfile");
    expect(text).toMatch(/^USER 65532:65532$/m);
    expect(text).toMatch(/^CMD \["node", .*"main\.mjs"\]$/m);
    const instruction = /^(FROM|ARG|WORKDIR|COPY|RUN|ENV|USER|HEALTHCHECK|CMD|ENTRYPOINT|#|\s|$)/;
    expect(text.split("\n").filter((line) => !instruction.test(line))).toEqual([]);
  });
});

describe("bundles", () => {
  it("of the recommender answers, with the page of its API", async () => {
    const app = await startApp("recommender", { NODE_ENV: "development" });
    try {
      expect((await fetch(`${app.url}/readyz`)).status).toBe(200);
      expect((await fetch(`${app.url}/docs/swagger-ui-bundle.js`)).status).toBe(200);
    } finally {
      expect(await app.kill("SIGTERM")).toBe(0);
    }
  }, 240_000);

  it("of the command line says what it can do", async () => {
    expect((await runCli(["--help"])).stdout).toContain("replay");
  }, 240_000);

  it.each(apps)(
    "of %s is made, and is what a test run starts",
    async (app) => {
      const program = await programOf(app);
      expect(program.at(-1)).toMatch(/\.mjs$/);
      expect(existsSync(program.at(-1) as string)).toBe(true);
    },
    240_000,
  );
});
