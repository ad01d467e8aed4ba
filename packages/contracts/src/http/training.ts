import { z } from "zod";

import { MAX_ROW_ID } from "../limits.ts";
import { insDatetime, queryFlag, queryInt, rowId as id, storedText } from "./common.ts";
import { pageQuery } from "./management.ts";

/** What a database refuses inside JSON: NUL, half a surrogate pair. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;
const parameters = z
  .record(z.string(), z.unknown())
  .refine((value) => !UNSTORABLE.test(JSON.stringify(value)), "not Unicode text");

const name = storedText.trim().min(1).max(200);

/** Kinds a trainer knows; `auto` leaves the choice to it. */
export const trainedKind = z.enum([
  "auto",
  "popular",
  "item-knn",
  "ease",
  "ials",
  "blend",
  "rp3beta",
  "content-ltr",
  "embedding",
]);
export const runStatus = z.enum(["PENDING", "RUNNING", "COMPLETED", "FAILED", "CANCELLED"]);
const source = z.enum(["archive", "training_data"]);
const split = z.enum(["time", "leave-last-n", "random", "none"]);
const promotion = z
  .enum(["always", "better", "manual"])
  .describe("When a new version serves: at once, when it beats the serving one, or by hand");
const tune = z.strictObject({
  trials: z.int().min(1).max(1_000),
  seconds: z.number().positive().max(86_400).optional(),
});
const seed = z.int().min(0).max(4_294_967_295);

export const trainingData = z
  .object({
    id: z.int(),
    project: z.int(),
    filename: z.string(),
    columns: z.array(z.string()),
    rows: z.int(),
    users: z.int(),
    items: z.int(),
    digest: z.string(),
    data_from: z.string().nullable(),
    data_to: z.string().nullable(),
    created_at: z.string(),
    ins_datetime: insDatetime,
  })
  .meta({ id: "TrainingData" });
export const trainingDataPreview = z.object({
  rows: z.array(
    z.object({
      user_id: z.string(),
      item_id: z.string(),
      weight: z.number(),
      timestamp: z.string().nullable(),
    }),
  ),
});
/** Fields of an upload; a form may carry them in front of its file instead. */
export const uploadQuery = z.object({
  project: z.string().optional().describe("Project id; absent = the key's"),
  filename: z
    .string()
    .optional()
    .describe("Name of a file sent as the body; its ending tells its format"),
  user_column: z.string().optional().describe("Default `user_id`"),
  item_column: z.string().optional().describe("Default `item_id`"),
  weight_column: z.string().optional().describe("Default `weight`"),
  time_column: z.string().optional().describe("Default `timestamp`"),
});
export const previewQuery = z.object({ n_rows: queryInt(1, 200, 50) });

export const modelConfigurationBody = z.strictObject({
  project: id,
  name,
  recommender_class_name: trainedKind,
  parameters_json: parameters.default({}),
});
export const modelConfigurationChanges = modelConfigurationBody
  .omit({ project: true })
  .extend({ parameters_json: parameters })
  .partial();
export const modelConfiguration = z
  .object({
    id: z.int(),
    project: z.int(),
    name: z.string(),
    recommender_class_name: z.string(),
    parameters_json: parameters,
    created_at: z.string(),
    ins_datetime: insDatetime,
    updated_at: z.string(),
  })
  .meta({ id: "ModelConfiguration" });

export const trainedModelBody = z
  .strictObject({
    project: id,
    name: name.optional(),
    training_data: id.optional(),
    source: source.optional(),
    model_configuration: id.optional().describe("Gives kind and parameters, unless they are given"),
    kind: trainedKind.optional(),
    parameters: parameters.optional(),
    tune: tune.optional(),
    seed: seed.default(1),
    split: split.default("time"),
    promotion: promotion.default("always"),
  })
  .refine((body) => (body.source === "archive") !== (body.training_data !== undefined), {
    path: ["training_data"],
    message: 'name an upload, or say "source": "archive"',
  });
export const retrainBody = z.strictObject({
  training_data: id.optional(),
  source: source.optional(),
  kind: trainedKind.optional(),
  parameters: parameters.optional(),
  tune: tune.nullable().optional(),
  seed: seed.optional(),
  split: split.optional(),
  promotion: promotion.optional(),
});
export const trainedModelChanges = z.strictObject({ name });
export const promoteBody = z.strictObject({ version: id });
export const importModelQuery = z.object({
  project: queryInt(0, MAX_ROW_ID, 0).describe("0: the key's own"),
  trained_model: queryInt(0, MAX_ROW_ID, 0).describe("0: a new one"),
  name: name.optional().describe("Of a new one"),
  serve: queryFlag.describe("It serves from now on"),
});
export const trainedModel = z
  .object({
    id: z.int(),
    project: z.int(),
    name: z.string(),
    kind: z.string().describe("Of the serving version, else what was asked for"),
    version: z.int().nullable().describe("The serving one"),
    last_version: z.int(),
    status: runStatus.describe("Of the newest run"),
    error: z.string().nullable(),
    error_code: z.string().nullable(),
    metrics: parameters,
    file: z.string().nullable(),
    sha256: z.string().nullable(),
    progress: z.number(),
    stage: z.string().nullable(),
    training_run: z.int().nullable(),
    created_at: z.string(),
    ins_datetime: insDatetime,
    updated_at: z.string(),
  })
  .meta({ id: "TrainedModel" });
export const trainedModelVersion = z
  .object({
    trained_model: z.int(),
    version: z.int(),
    serving: z.boolean(),
    kind: z.string(),
    file: z.string(),
    sha256: z.string(),
    bytes: z.int(),
    parameters,
    metrics: parameters,
    data_rows: z.int(),
    data_digest: z.string(),
    data_from: z.string().nullable(),
    data_to: z.string().nullable(),
    git_version: z.string().nullable(),
    training_run: z.int().nullable(),
    created_at: z.string(),
  })
  .meta({ id: "TrainedModelVersion" });

export const runsQuery = pageQuery.extend({
  trained_model: queryInt(0, MAX_ROW_ID, 0),
  status: runStatus.optional(),
});
export const logsQuery = z.object({
  after: queryInt(0, MAX_ROW_ID, 0),
  limit: queryInt(1, 2_000, 500),
});
export const runLog = z.object({
  sequence: z.int(),
  logged_at: z.string(),
  level: z.enum(["info", "warn", "error"]),
  message: z.string(),
});
export const trainingRun = z
  .object({
    id: z.int(),
    project: z.int(),
    trained_model: z.int(),
    trigger: z.enum(["create", "retrain", "schedule", "cli"]),
    retraining_schedule: z.int().nullable(),
    training_data: z.int().nullable(),
    source,
    kind: z.string(),
    parameters,
    tune: tune.nullable(),
    seed: z.int(),
    split,
    promotion,
    status: runStatus,
    progress: z.number(),
    stage: z.string().nullable(),
    attempt: z.int(),
    version: z.int().nullable(),
    metrics: parameters,
    data_rows: z.int().nullable(),
    data_digest: z.string().nullable(),
    error_code: z.string().nullable(),
    error: z.string().nullable(),
    created_at: z.string(),
    started_at: z.string().nullable(),
    finished_at: z.string().nullable(),
  })
  .meta({ id: "TrainingRun" });
export const trainingRunDetail = trainingRun
  .extend({ logs: z.array(runLog).describe("The first 500 lines; more under logs/") })
  .meta({ id: "TrainingRunDetail" });
export const runLogs = z.object({ logs: z.array(runLog), next: z.int().nullable() });

export const retrainingScheduleBody = z.strictObject({
  project: id,
  trained_model: id,
  cron_expression: z.string().max(200).default("0 2 * * 0").describe("Five fields, UTC"),
  is_enabled: z.boolean().default(true),
  source: source.default("archive"),
  training_data: id.nullable().default(null).describe("Null with that source: the newest"),
  model_configuration: id.optional().describe("Kind and parameters of the runs, as they are now"),
  retune: z.boolean().default(false),
  tune: tune.optional().describe("How to tune when retune is true; 40 trials unless given"),
  seed: seed.default(1),
  split: split.default("time"),
  auto_deploy: z.boolean().default(false).describe("A better version serves by itself"),
});
export const retrainingScheduleChanges = z
  .strictObject({
    cron_expression: z.string().max(200),
    is_enabled: z.boolean(),
    training_data: id.nullable(),
    auto_deploy: z.boolean(),
  })
  .partial();
export const retrainingSchedule = z
  .object({
    id: z.int(),
    project: z.int(),
    trained_model: z.int(),
    cron_expression: z.string(),
    is_enabled: z.boolean(),
    source,
    training_data: z.int().nullable(),
    kind: z.string(),
    parameters,
    retune: z.boolean(),
    tune: tune.nullable(),
    seed: z.int(),
    split,
    auto_deploy: z.boolean(),
    next_run_at: z.string().nullable(),
    last_run_at: z.string().nullable(),
    last_run_status: runStatus.nullable(),
    created_at: z.string(),
    ins_datetime: insDatetime,
    updated_at: z.string(),
  })
  .meta({ id: "RetrainingSchedule" });
export const triggered = z.object({
  status: z.enum(["triggered", "skipped"]).describe("skipped: its last run is not over"),
  training_run: z.int().nullable(),
});
