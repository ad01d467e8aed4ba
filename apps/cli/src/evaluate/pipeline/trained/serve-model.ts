import { deploymentSlot, trainedModel } from "@signalpath/contracts";

import { apiKeyHeader, createClient, type Client } from "../../../client.ts";
import { CliError, EXIT } from "../../../exit-codes.ts";
import type { Io } from "../../../io.ts";
import type { Settings } from "../../../settings.ts";
import { followRun } from "../../../training/follow-run.ts";
import { uploadInteractions } from "../../../training/upload.ts";
import type { Entrant } from "../../entrants.ts";
import type { System } from "../open-system.ts";

const MODELS = "/api/v1/trained_model/";
const GIVE_UP_MS = 60_000;
/** A version that serves has this long to become live, milliseconds. */
const LIVE_MS = 180_000;
const POLL_MS = 200;

/** A version that the lists of the system are made with. */
export interface ServedVersion {
  model_id: number;
  version: number;
  /** Rows it was trained on. */
  data_rows: number;
  train_seconds: number;
}

/** Trains through the API and lets what comes of it make the lists. */
interface Training {
  /** On what the system has taken in, by the trainer's own rule. */
  onArchive(): Promise<ServedVersion>;
  /** The next version, on the rows of a file. */
  onFile(path: string): Promise<ServedVersion>;
}

/**
 * Promotion is by hand, so that a version serves because it was told to.
 * @param anybody who is asked for a list to see which model is live.
 */
export function openTraining(
  io: Io,
  { system, settings }: { system: System; settings: Settings },
  { entrant, seed, anybody }: { entrant: Entrant; seed: number; anybody: string },
): Training {
  const { url, projectId: project } = settings;
  const auth = apiKeyHeader(settings.key("admin_key"));
  const client = createClient(io, { url, auth, giveUpMs: GIVE_UP_MS });
  const { kind, parameters } = entrant;
  // Whoever asks judges for themselves: the trainer holds nothing back.
  const wish = { kind, parameters, seed, split: "none", promotion: "manual" } as const;
  let model: number | undefined;

  async function serve(data: Record<string, unknown>): Promise<ServedVersion> {
    const startedAt = io.now();
    const path = model === undefined ? MODELS : `${MODELS}${model}/retrain/`;
    const body = { ...wish, ...data, ...(model === undefined ? { project, name: kind } : {}) };
    const how = { method: "POST", once: true, response: trainedModel } as const;
    const made = await client.call({ ...how, path, body });
    const run = await completed(io, client, made.training_run);
    const train_seconds = (io.now() - startedAt) / 1_000;
    const promotion = { version: run.version };
    await client.call({ ...how, path: `${MODELS}${made.id}/promote/`, body: promotion });
    if (model === undefined) {
      const slot = { project, name: "evaluate", trained_model: made.id, weight: 100 };
      const where = { path: "/api/v1/deployment_slot/", body: slot };
      await client.call({ ...how, ...where, response: deploymentSlot });
    }
    model = made.id;
    await live({ model_id: made.id, version: run.version });
    return { model_id: made.id, ...run, train_seconds };
  }

  async function live(wanted: { model_id: number; version: number }): Promise<void> {
    const deadline = io.now() + LIVE_MS;
    while (io.now() < deadline) {
      io.signal.throwIfAborted();
      const { model: shown } = await system.recommend(anybody, 1);
      if (shown?.model_id === wanted.model_id && shown.version === wanted.version) return;
      await io.sleep(POLL_MS);
    }
    const message = `version ${wanted.version} serves, but no list is made with it`;
    throw new CliError("UNAVAILABLE", message, EXIT.unavailable);
  }

  return {
    onArchive: async () => serve({ source: "archive" }),
    async onFile(path) {
      const { id } = await uploadInteractions(client, path, project);
      return serve({ training_data: id });
    },
  };
}

async function completed(
  io: Io,
  client: Client,
  runId: number | null,
): Promise<{ version: number; data_rows: number }> {
  if (runId === null) throw new CliError("REFUSED", "no training was started", EXIT.refused);
  const { run } = await followRun(io, client, runId, () => {});
  const { status, version, data_rows, error, error_code } = run;
  if (status === "COMPLETED" && version !== null) return { version, data_rows: data_rows ?? 0 };
  throw new CliError(error_code ?? status, error ?? "the training did not end well", EXIT.refused);
}
