import {
  deploymentSlot,
  deploymentSlotBody,
  deploymentSlotChanges,
  logsQuery,
  modelConfiguration,
  modelConfigurationBody,
  modelConfigurationChanges,
  pageOf,
  pageQuery,
  previewQuery,
  promoteBody,
  retrainBody,
  retrainingSchedule,
  retrainingScheduleBody,
  retrainingScheduleChanges,
  runLogs,
  runsQuery,
  slotsQuery,
  trainedModel,
  trainedModelBody,
  trainedModelChanges,
  trainedModelVersion,
  trainingData,
  trainingDataPreview,
  trainingRun,
  trainingRunDetail,
  triggered,
  uploadQuery,
  type Endpoint,
} from "@signalpath/contracts";
import { z } from "zod";

const V1 = "/api/v1";
const nothing = z.null().describe("No content");

/** Calls of one resource: their paths, tag and scopes are alike. */
const read = { auth: "read", errors: [404, 422, 503] } as const;
const write = { auth: "write", errors: [400, 404, 409, 422, 503] } as const;
const removal = { method: "delete", ...write, status: 204, response: nothing } as const;

const data = { path: `${V1}/training_data/`, tag: "training" } as const;
const configuration = { path: `${V1}/model_configuration/`, tag: "training" } as const;
const model = { path: `${V1}/trained_model/`, tag: "training" } as const;
const run = { path: `${V1}/training_run/`, tag: "training" } as const;
const slot = { path: `${V1}/deployment_slot/`, tag: "deployment" } as const;
const schedule = { path: `${V1}/retraining_schedule/`, tag: "training" } as const;
const one = ({ path, tag }: { path: string; tag: string }, rest = "") => ({
  path: `${path}{id}/${rest}`,
  tag,
});

/** Training and deployment. Paths answer with and without their last slash. */
export const trainingEndpoints = {
  listData: {
    ...data,
    ...read,
    method: "get",
    summary: "Uploads",
    query: pageQuery,
    response: pageOf(trainingData),
  },
  uploadData: {
    ...data,
    ...write,
    method: "post",
    summary: "Upload interactions: multipart with `project` and `file`, or the file as the body",
    query: uploadQuery,
    status: 201,
    response: trainingData,
    errors: [...write.errors, 413],
  },
  getData: { ...one(data), ...read, method: "get", summary: "One upload", response: trainingData },
  previewData: {
    ...one(data, "preview/"),
    ...read,
    method: "get",
    summary: "Its first rows as they were read",
    query: previewQuery,
    response: trainingDataPreview,
  },
  removeData: { ...one(data), ...removal, summary: "Delete an upload and its rows" },

  listConfigurations: {
    ...configuration,
    ...read,
    method: "get",
    summary: "Named kinds with their parameters",
    query: pageQuery,
    response: pageOf(modelConfiguration),
  },
  createConfiguration: {
    ...configuration,
    ...write,
    method: "post",
    summary: "A new configuration",
    body: modelConfigurationBody,
    status: 201,
    response: modelConfiguration,
  },
  getConfiguration: {
    ...one(configuration),
    ...read,
    method: "get",
    summary: "One configuration",
    response: modelConfiguration,
  },
  changeConfiguration: {
    ...one(configuration),
    ...write,
    method: "patch",
    summary: "Change what is given",
    body: modelConfigurationChanges,
    response: modelConfiguration,
  },
  removeConfiguration: { ...one(configuration), ...removal, summary: "Delete a configuration" },

  listModels: {
    ...model,
    ...read,
    method: "get",
    summary: "Trained models with the state of their newest run",
    query: pageQuery,
    response: pageOf(trainedModel),
  },
  createModel: {
    ...model,
    ...write,
    method: "post",
    summary: "A new model; its training waits for a trainer",
    body: trainedModelBody,
    status: 202,
    response: trainedModel,
  },
  getModel: { ...one(model), ...read, method: "get", summary: "One model", response: trainedModel },
  changeModel: {
    ...one(model),
    ...write,
    method: "patch",
    summary: "Rename a model",
    body: trainedModelChanges,
    response: trainedModel,
  },
  removeModel: { ...one(model), ...removal, summary: "Take a model away that no slot names" },
  retrainModel: {
    ...one(model, "retrain/"),
    ...write,
    method: "post",
    summary: "Train the next version; what is not given is as in the last run",
    body: retrainBody,
    status: 202,
    response: trainedModel,
  },
  promoteModel: {
    ...one(model, "promote/"),
    ...write,
    method: "post",
    summary: "Serve this version from now on, also an older one",
    body: promoteBody,
    response: trainedModel,
  },
  listVersions: {
    ...one(model, "versions/"),
    ...read,
    method: "get",
    summary: "Its versions, newest first",
    query: pageQuery.omit({ project: true }),
    response: pageOf(trainedModelVersion),
  },

  listRuns: {
    ...run,
    ...read,
    method: "get",
    summary: "Training runs, newest first",
    query: runsQuery,
    response: pageOf(trainingRun),
  },
  getRun: {
    ...one(run),
    ...read,
    method: "get",
    summary: "One run with its log",
    response: trainingRunDetail,
  },
  runLogs: {
    ...one(run, "logs/"),
    ...read,
    method: "get",
    summary: "Log lines after a sequence",
    query: logsQuery,
    response: runLogs,
  },
  cancelRun: {
    ...one(run, "cancel/"),
    ...write,
    method: "post",
    summary: "End a run that waits or runs",
    response: trainingRun,
  },

  listSlots: {
    ...slot,
    ...read,
    method: "get",
    summary: "Deployment slots",
    query: slotsQuery,
    response: pageOf(deploymentSlot),
  },
  createSlot: {
    ...slot,
    ...write,
    method: "post",
    summary: "A new slot",
    body: deploymentSlotBody,
    status: 201,
    response: deploymentSlot,
  },
  getSlot: { ...one(slot), ...read, method: "get", summary: "One slot", response: deploymentSlot },
  changeSlot: {
    ...one(slot),
    ...write,
    method: "patch",
    summary: "Change what is given",
    body: deploymentSlotChanges,
    response: deploymentSlot,
  },
  removeSlot: { ...one(slot), ...removal, summary: "Take a slot away; its number stays taken" },

  listSchedules: {
    ...schedule,
    ...read,
    method: "get",
    summary: "Retraining schedules",
    query: pageQuery,
    response: pageOf(retrainingSchedule),
  },
  createSchedule: {
    ...schedule,
    ...write,
    method: "post",
    summary: "Retrain a model by a cron expression in UTC",
    body: retrainingScheduleBody,
    status: 201,
    response: retrainingSchedule,
  },
  getSchedule: {
    ...one(schedule),
    ...read,
    method: "get",
    summary: "One schedule",
    response: retrainingSchedule,
  },
  changeSchedule: {
    ...one(schedule),
    ...write,
    method: "patch",
    summary: "Change what is given",
    body: retrainingScheduleChanges,
    response: retrainingSchedule,
  },
  removeSchedule: { ...one(schedule), ...removal, summary: "Delete a schedule" },
  triggerSchedule: {
    ...one(schedule, "trigger/"),
    ...write,
    method: "post",
    summary: "Run it now",
    status: 202,
    response: triggered,
  },
} as const satisfies Record<string, Endpoint>;
