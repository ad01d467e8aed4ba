import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { createNatsBus, ensureStreams, openNats } from "@signalpath/adapter-nats";
import { subjects, topics } from "@signalpath/contracts";
import type { Abandoned, Bus } from "@signalpath/ports";
import { nkeys, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, expect, it, vi } from "vitest";

import { DURABLES } from "@signalpath/user-model-updater/internal/subscriptions.ts";
import { ABANDONED_DURABLE } from "@signalpath/user-model-updater/internal/take-abandoned.ts";
import { describeWithBinary } from "@signalpath/real-servers/for-tests.ts";
import { startNats } from "@signalpath/real-servers/nats.ts";
import type { RealServer } from "@signalpath/real-servers/server.ts";

const conf = fileURLToPath(new URL("../infra/nats.conf", import.meta.url));
const IDENTITIES = [
  "ADMIN",
  "INGEST",
  "UPDATER",
  "RECOMMENDER",
  "MANAGEMENT",
  "EXPERIMENTS",
  "GATEWAY",
  "TRAINER",
] as const;
type Identity = (typeof IDENTITIES)[number];

const event = {
  event_id: "e1",
  project_id: 1,
  user_id: "u1",
  kind: "feedback",
  reaction: "like",
  item_id: "i1",
  occurred_at: "2026-06-12T12:00:00.000Z",
  received_at: "2026-06-12T12:00:00.000Z",
} as const;

describeWithBinary("nats", "infra/nats.conf gives each service what it needs and no more", () => {
  let server: RealServer;
  let folder: string;
  const seeds = new Map<Identity, string>();
  const opened: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "signalpath-nats-conf-"));
    // The directory of a test is given on the command line.
    let text = readFileSync(conf, "utf8").replace(/^\s*store_dir:.*$/m, "");
    for (const name of IDENTITIES) {
      const pair = nkeys.createUser();
      seeds.set(name, new TextDecoder().decode(pair.getSeed()));
      text = text.replaceAll(`$NATS_${name}_NKEY`, pair.getPublicKey());
    }
    await writeFile(join(folder, "nats.conf"), text);
    server = await startNats({ args: ["-c", join(folder, "nats.conf")] });
    await ensureStreams(await as("ADMIN", "migrate"));
  });

  afterAll(async () => {
    for (const one of opened.toReversed()) await one.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function as(identity: Identity, name: string): Promise<NatsConnection> {
    const connection = await openNats(server.url, { name, nkeySeed: seeds.get(identity) ?? "" });
    opened.push(connection);
    return connection;
  }

  async function busOf(identity: Identity, name: string): Promise<Bus> {
    const bus = createNatsBus(await as(identity, name), { onError: () => undefined });
    opened.push(bus);
    return bus;
  }

  it("lets nobody in without a key", async () => {
    await expect(openNats(server.url, { name: "stranger" })).rejects.toThrow(/[Aa]uthorization/);
  });

  it("carries a signal from ingest to the updater's durables, and its announcements on", async () => {
    const ingest = await busOf("INGEST", "ingest-webhook");
    const updater = await busOf("UPDATER", "user-model-updater");
    const recommender = await busOf("RECOMMENDER", "recommender");
    const management = await busOf("MANAGEMENT", "management-api");
    const seen: string[] = [];
    for (const spec of DURABLES) {
      await updater.consume(spec, async (batch) => {
        for (const delivery of batch) seen.push(delivery.subject);
      });
    }
    const erased: string[] = [];
    await recommender.hear(subjects.userErased.name, ({ subject }) => void erased.push(subject));
    const counted: string[] = [];
    for (const { name } of [subjects.tipFeedback, subjects.contentViewed]) {
      await recommender.hear(name, ({ subject }) => void counted.push(subject));
    }
    await ingest.publish(subjects.tipFeedback, event, { id: "e1" });
    await ingest.publish(subjects.contentViewed, { ...event, event_id: "e2", kind: "viewed" });
    await recommender.publish(subjects.userRefreshRequested, {
      project_id: 1,
      user_id: "u1",
      reason: "stale",
    });
    await management.publish(subjects.contentChanged, {
      project_id: 1,
      version: 1,
      upserted: ["i1"],
      removed: [],
    });
    await updater.publish(subjects.userModelUpdated, { project_id: 1, user_id: "u1", revision: 1 });
    await management.publish(subjects.userErased, {
      project_id: 1,
      user_id: "u1",
      erased_at: event.received_at,
    });
    await vi.waitFor(() => {
      expect(new Set(seen)).toEqual(
        new Set([
          subjects.tipFeedback.name,
          subjects.contentViewed.name,
          subjects.userRefreshRequested.name,
          subjects.contentChanged.name,
        ]),
      );
      expect(erased).toEqual([subjects.userErased.name]);
      expect(new Set(counted)).toEqual(
        new Set([subjects.tipFeedback.name, subjects.contentViewed.name]),
      );
    }, 10_000);
    await updater.close();
  });

  it("lets services tell management-api what happens, and nobody else listens in", async () => {
    const management = await busOf("MANAGEMENT", "management-api");
    const told: string[] = [];
    for (const { name } of Object.values(topics)) {
      await management.hear(name, ({ subject }) => void told.push(subject));
    }
    const at = event.received_at;
    const about = { instance: "i", version: "1", state: "running", started_at: at } as const;
    const service = { ...about, service: "any", dependencies: {} };
    for (const identity of IDENTITIES.slice(1)) {
      (await busOf(identity, "any")).tell(topics.services, service);
    }
    const ingest = await busOf("INGEST", "ingest-webhook");
    ingest.tell(topics.verdicts, { instance: "i", sequence: 1, projects: [] });
    const updater = await busOf("UPDATER", "user-model-updater");
    updater.tell(topics.updates, { instance: "i", sequence: 1, freshness: [], lag: [] });
    const gateway = await busOf("GATEWAY", "inference-gateway");
    gateway.tell(topics.models, { instance: "i", models: [] });
    const all = Object.values(topics).length;
    await vi.waitFor(() => expect(new Set(told).size).toBe(all), 30_000);
    await vi.waitFor(() => {
      const services = told.filter((name) => name === topics.services.name);
      expect(services).toHaveLength(IDENTITIES.length - 1);
    }, 30_000);
  });

  it("lets the updater read what the bus abandoned, and update its durables", async () => {
    const updater = await busOf("UPDATER", "user-model-updater");
    const management = await busOf("MANAGEMENT", "management-api");
    const [spec] = DURABLES.filter(({ filter }) => filter === subjects.contentChanged.name);
    if (spec === undefined) throw new Error("no durable for content");
    const bounded = { ...spec, maxDeliveries: 1, ackWaitMs: 200 };
    await updater.consume(bounded, async (batch) => batch.map(() => ({ retryInMs: 1 })));
    const abandoned: Abandoned[] = [];
    await updater.consumeAbandoned?.(ABANDONED_DURABLE, async (batch) => {
      abandoned.push(...batch);
    });
    const change = { project_id: 2, version: 1, upserted: ["i2"], removed: [] };
    await management.publish(subjects.contentChanged, change);
    await vi.waitFor(
      () => {
        expect(abandoned.map(({ delivery }) => JSON.parse(delivery.body))).toContainEqual(change);
      },
      { timeout: 20_000 },
    );
  });

  it("carries changes of models, slots and keys to a gateway, and the use of keys back", async () => {
    const gateway = await busOf("GATEWAY", "inference-gateway");
    const management = await busOf("MANAGEMENT", "management-api");
    const admin = await busOf("ADMIN", "migrate");
    const heard: string[] = [];
    for (const { name } of [subjects.modelTrained, subjects.slotsChanged, subjects.keyRevoked]) {
      await gateway.hear(name, ({ subject }) => void heard.push(subject));
    }
    const used: string[] = [];
    await management.hear(subjects.keyUsed.name, ({ subject }) => void used.push(subject));
    const model = { event: "model_trained" as const, model_id: 1, project_id: 1 };
    await admin.publish(subjects.modelTrained, model);
    await management.publish(subjects.slotsChanged, { project_id: 1 });
    await management.publish(subjects.keyRevoked, { project_id: 1, key_id: 1 });
    await gateway.publish(subjects.keyUsed, { key_id: 1, used_at: event.received_at });
    await vi.waitFor(() => {
      expect(heard.toSorted()).toEqual([
        subjects.keyRevoked.name,
        subjects.slotsChanged.name,
        subjects.modelTrained.name,
      ]);
      expect(used).toEqual([subjects.keyUsed.name]);
    }, 10_000);
    await expect(gateway.publish(subjects.slotsChanged, { project_id: 1 })).rejects.toThrow(/./);
  });

  it("lets experiments take tips and exposures, and tell what was written over HTTP", async () => {
    const experiments = await busOf("EXPERIMENTS", "experiments");
    const got: string[] = [];
    for (const [durable, filter] of [
      ["experiments-tips", "signals.tip.*"],
      ["experiments-exposed", subjects.experimentExposed.name],
    ] as const) {
      await experiments.consume({ filter, durable }, async (batch) => {
        got.push(...batch.map(({ subject }) => subject));
      });
    }
    await experiments.publish(subjects.experimentExposed, {
      ...event,
      event_id: "x1",
      kind: "exposed",
    });
    await experiments.publish(subjects.tipServed, { ...event, event_id: "x2", kind: "served" });
    await vi.waitFor(() => {
      expect(new Set(got)).toContain(subjects.experimentExposed.name);
      expect(new Set(got)).toContain(subjects.tipServed.name);
    }, 10_000);
    const recommender = await busOf("RECOMMENDER", "recommender");
    const heard: string[] = [];
    await recommender.hear(subjects.experimentChanged.name, ({ body }) => void heard.push(body));
    const changed = { project_id: 1, experiment_id: "e", status: "running" as const };
    await experiments.publish(subjects.experimentChanged, changed);
    await vi.waitFor(
      () => expect(heard.map((body) => JSON.parse(body))).toEqual([changed]),
      10_000,
    );
    await experiments.publish(subjects.slotsChanged, { project_id: 1 });
    await expect(
      experiments.publish(subjects.userModelUpdated, {
        project_id: 1,
        user_id: "u",
        revision: 1,
      }),
    ).rejects.toThrow(/./);
  });

  it("wakes a trainer, and carries its progress and new versions to whoever cares", async () => {
    const trainer = await busOf("TRAINER", "trainer");
    const management = await busOf("MANAGEMENT", "management-api");
    const gateway = await busOf("GATEWAY", "inference-gateway");
    const heard: string[] = [];
    const note = ({ subject }: { subject: string }) => void heard.push(subject);
    await trainer.hear(subjects.trainingRequested.name, note);
    await gateway.hear(subjects.modelTrained.name, note);
    const run = { project_id: 1, training_run_id: 1, trained_model_id: 1 };
    await management.publish(subjects.trainingRequested, run);
    const progress = { ...run, status: "RUNNING" as const, progress: 0.5, stage: "fitting" };
    await trainer.publish(subjects.trainingProgress, progress);
    await trainer.publish(subjects.modelTrained, {
      event: "model_trained",
      model_id: 1,
      project_id: 1,
    });
    await vi.waitFor(() => {
      expect(heard.toSorted()).toEqual([
        subjects.modelTrained.name,
        subjects.trainingRequested.name,
      ]);
    }, 10_000);
    await expect(trainer.publish(subjects.slotsChanged, { project_id: 1 })).rejects.toThrow(/./);
  });

  it("refuses what is not a service's business", async () => {
    const ingest = createNatsBus(await as("INGEST", "ingest-webhook"), {
      onError: () => undefined,
    });
    const erasure = { project_id: 1, user_id: "u1", erased_at: event.received_at };
    await expect(ingest.publish(subjects.userErased, erasure)).rejects.toThrow(/./);
    await expect(ensureStreams(await as("RECOMMENDER", "recommender"))).rejects.toThrow(/./);
  });
});
