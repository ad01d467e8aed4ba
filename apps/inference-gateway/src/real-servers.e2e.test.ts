import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createFileModelWriter } from "@signalpath/adapter-files";
import { createNatsBus, openNats } from "@signalpath/adapter-nats";
import {
  createPostgresKeys,
  createPostgresTraining,
  openPostgres,
} from "@signalpath/adapter-postgres";
import { projectPrediction, subjects } from "@signalpath/contracts";
import { createKeyRing } from "@signalpath/model-loader";
import type { Bus } from "@signalpath/ports";
import { describeWithBinary } from "@signalpath/real-servers/for-tests.ts";
import { startApp, type AppProcess } from "@signalpath/stack/app-process.ts";
import { cliJson } from "@signalpath/stack/cli.ts";
import { startStack, type Stack } from "@signalpath/stack/stack.ts";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { writeVersion } from "./test-world.ts";

const ROLE = "suite_gateway";

describeWithBinary("postgres", "two gateways on servers of their own", () => {
  let stack: Stack;
  let media: string;
  let gateways: AppProcess[];
  let stores: ReturnType<typeof createPostgresTraining> & {
    keys: ReturnType<typeof createPostgresKeys>;
  };
  let bus: Bus;
  let project: number;
  const closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    media = await mkdtemp(join(tmpdir(), "signalpath-media-"));
    stack = await startStack([]);
    const { DATABASE_URL = "", NATS_URL = "" } = stack.env;
    const database = openPostgres(DATABASE_URL, { max: 2, onError: () => {} });
    closing.push(() => database.close());
    const password = randomBytes(12).toString("hex");
    await database.db.execute(sql.raw(`create role ${ROLE} login password '${password}'`));
    await cliJson(["migrate"], { ...stack.env, GATEWAY_DATABASE_ROLE: ROLE });
    const url = new URL(DATABASE_URL);
    url.username = ROLE;
    url.password = password;
    const now = Date.now;
    stores = {
      ...createPostgresTraining(database.db, { now, newId: randomUUID }),
      keys: createPostgresKeys(database.db, { now }),
    };
    bus = createNatsBus(await openNats(NATS_URL, { name: "suite" }), { now, onError: () => {} });
    closing.push(() => bus.close());
    const env = {
      ...stack.env,
      DATABASE_URL: url.href,
      NODE_ENV: "production",
      MEDIA_ROOT: media,
      INFERENCE_RATE_LIMIT: "1000000/second",
    };
    gateways = [await startApp("inference-gateway", env), await startApp("inference-gateway", env)];
    const { keys } = await stores.keys.list({ offset: 0, limit: 1 });
    project = keys[0]?.projectId ?? 0;
  });

  afterAll(async () => {
    for (const gateway of gateways ?? []) await gateway.kill("SIGTERM");
    for (const close of closing.toReversed()) await close();
    await stack?.stop();
    await rm(media, { recursive: true, force: true });
  });

  async function ask(gateway: AppProcess, path: string, key = stack.keys.api) {
    const answer = await fetch(`${gateway.url}${path}`, {
      method: "POST",
      headers: { "x-api-key": key },
      body: JSON.stringify({ user_id: "u1" }),
    });
    const { headers } = answer;
    return {
      status: answer.status,
      version: headers.get("x-model-version"),
      body: await answer.json(),
    };
  }

  /** The next version, as a trainer makes it: file, row, message. */
  async function train(id: number) {
    const model = await stores.modelCatalogue.get(id);
    if (model === undefined) throw new Error("no model");
    const ring = createKeyRing({ secretKey: stack.env["SECRET_KEY"] });
    const files = createFileModelWriter(media);
    const version = await writeVersion(model, { ring, files });
    return version;
  }
  async function publish(version: Awaited<ReturnType<typeof train>>) {
    await stores.modelCatalogue.register(version, { serve: true });
    await bus.publish(subjects.modelTrained, {
      event: "model_trained",
      model_id: version.trained_model_id,
      project_id: project,
      version: version.version,
      sha256: version.sha256,
    });
  }

  async function deployed(): Promise<number> {
    const model = await stores.modelCatalogue.create({ project_id: project, kind: "item-knn" });
    await publish(await train(model.id));
    return model.id;
  }

  async function until(
    what: string,
    limitMs: number,
    done: () => Promise<boolean>,
  ): Promise<number> {
    const began = performance.now();
    while (!(await done())) {
      if (performance.now() - began > limitMs) expect.fail(`${what}: not after ${limitMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return performance.now() - began;
  }

  test("swap a retrained model under load, and fail no request; a damaged one not", async () => {
    const id = await deployed();
    const answers: (string | number)[] = [];
    const ending = new AbortController();
    const load = gateways.flatMap((gateway) =>
      [1, 2].map(async () => {
        while (!ending.signal.aborted) {
          const { status, version } = await ask(gateway, `/inference/predict/${id}`);
          answers.push(status === 200 ? (version ?? "none") : status);
        }
      }),
    );
    const everywhere = (version: string) => async () => {
      const now = await Promise.all(gateways.map((gateway) => ask(gateway, `/predict/${id}`)));
      return now.every((answer) => answer.version === version);
    };
    await until("version 1", 30_000, everywhere("1"));
    await publish(await train(id));
    await until("version 2", 30_000, everywhere("2"));
    const damaged = await train(id);
    await truncate(join(media, damaged.file), damaged.bytes - 1);
    await publish(damaged);
    await until("the refusal", 30_000, async () =>
      gateways.every((gateway) => gateway.log().includes("a model was not loaded")),
    );
    expect(await everywhere("2")()).toBe(true);
    await publish(await train(id));
    await until("version 4", 30_000, everywhere("4"));
    ending.abort();
    await Promise.all(load);
    expect(answers.filter((answer) => !["1", "2", "4"].includes(`${answer}`))).toEqual([]);
    expect(answers.length).toBeGreaterThan(20);
  });

  test("refuse a revoked key on both, and slots follow", async () => {
    const id = await deployed();
    const path = `/inference/predict/project/${project}`;
    const slot = await stores.deploymentSlots.create({
      project_id: project,
      name: "first",
      trained_model_id: id,
      weight: 100,
      is_active: true,
    });
    const args = ["keys", "create", "to revoke", "--direct", "--scopes", "predict"];
    const { key } = await cliJson<{ key: string }>(args, stack.env);
    for (const gateway of gateways) {
      const answer = await ask(gateway, path, key);
      expect([answer.status, projectPrediction.parse(answer.body).slot_id]).toEqual([200, slot.id]);
    }
    await stores.deploymentSlots.update(slot.id, { is_active: false });
    await bus.publish(subjects.slotsChanged, { project_id: project });
    await until("no slots", 30_000, async () => {
      const answers = await Promise.all(gateways.map((gateway) => ask(gateway, path, key)));
      return answers.every(({ status }) => status === 404);
    });
    const page = await stores.keys.list({ offset: 0, limit: 100 });
    const record = page.keys.find(({ name }) => name === "to revoke");
    await stores.keys.revoke(record?.id ?? 0, new Date().toISOString());
    await bus.publish(subjects.keyRevoked, { project_id: project, key_id: record?.id ?? 0 });
    await until("the revocation", 30_000, async () => {
      const answers = await Promise.all(
        gateways.map((gateway) => ask(gateway, `/predict/${id}`, key)),
      );
      return answers.every(({ status }) => status === 401);
    });
  });

  test("killed at any point they serve again: they write nothing", async () => {
    const id = await deployed();
    const [gateway] = gateways;
    if (gateway === undefined) throw new Error("no gateway");
    for (const pauseMs of [0, 5, 20]) {
      const under = [1, 2, 3].map(() => ask(gateway, `/predict/${id}`).catch(() => undefined));
      await publish(await train(id));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      await gateway.kill("SIGKILL");
      await Promise.all(under);
      await gateway.start();
      const model = await stores.modelCatalogue.get(id);
      expect(await ask(gateway, `/predict/${id}`)).toMatchObject({
        status: 200,
        version: String(model?.version),
      });
    }
  });

  test("a gateway's role writes nothing", async () => {
    const url = new URL(stack.env["DATABASE_URL"] ?? "");
    const { rows } = await openAs(url, (db) =>
      db.execute(sql`select has_table_privilege(${ROLE}, c.oid, 'insert, update, delete') as writes
        from pg_class c where relkind = 'r' and relnamespace = 'public'::regnamespace`),
    );
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.filter(({ writes }) => writes)).toEqual([]);
  });
});

async function openAs<T>(
  url: URL,
  use: (db: ReturnType<typeof openPostgres>["db"]) => Promise<T>,
): Promise<{ rows: { writes: boolean }[] }> {
  const opened = openPostgres(url.href, { max: 1, onError: () => {} });
  try {
    return (await use(opened.db)) as { rows: { writes: boolean }[] };
  } finally {
    await opened.close();
  }
}
