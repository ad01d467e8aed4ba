import { SCORERS, type EventKind } from "@signalpath/domain";
import { z } from "zod";

import { MAX_ID_LENGTH } from "../limits.ts";
import { canonicalTime, signalEnvelope } from "./envelope.ts";

/** What the server says of a message that it stopped delivering: too many deliveries of one consumer. */
export const ABANDONED = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>";

/** JetStream streams. The only place their names are spelled. */
export const STREAMS = {
  SIGNALS: { subjects: ["signals.>"], maxAgeDays: 7, discard: "new", duplicateWindowMinutes: 10 },
  EVENTS: {
    subjects: ["models.>", "keys.>", "experiments.>", "content.>", "users.>"],
    maxAgeDays: 1,
    discard: "old",
    duplicateWindowMinutes: 2,
  },
  DECISIONS: {
    subjects: ["recommendations.>"],
    maxAgeDays: 30,
    discard: "old",
    duplicateWindowMinutes: 2,
  },
  DEADLETTERS: {
    subjects: ["deadletters.>", ABANDONED],
    maxAgeDays: 30,
    discard: "old",
    duplicateWindowMinutes: 10,
  },
} as const;
export type StreamName = keyof typeof STREAMS;

/** A wire name and the shape of what travels under it. */
export interface Subject<T = unknown> {
  name: string;
  schema: z.ZodType<T>;
  stream: StreamName;
  /** One line: what happened when a message of this subject exists. */
  about: string;
  publishedBy: readonly string[];
  heardBy: readonly string[];
}

function subject<S extends z.ZodType>(
  name: string,
  stream: StreamName,
  schema: S,
  facts: { about: string; publishedBy: readonly string[]; heardBy: readonly string[] },
): Subject<z.output<S>> {
  return { name, stream, schema: schema as z.ZodType<z.output<S>>, ...facts };
}

const projectId = z.int().positive();
const anyService = "any internal service";
const updater = ["user-model-updater"];
const withExperiments = [...updater, "experiments"];

export const modelTrained = z.object({
  event: z.literal("model_trained"),
  model_id: z.int().positive(),
  project_id: projectId,
  version: z.int().positive().optional(),
  sha256: z.string().optional(),
});
export const slotsChanged = z.object({ project_id: projectId });
export const trainingRequested = z.object({
  project_id: projectId,
  training_run_id: z.int().positive(),
  trained_model_id: z.int().positive(),
});
export const trainingProgress = trainingRequested.extend({
  status: z.enum(["PENDING", "RUNNING", "COMPLETED", "FAILED", "CANCELLED"]),
  progress: z.number().min(0).max(1).describe("Share that is done"),
  stage: z.string().nullable().describe("What the run is doing"),
});
export const keyRevoked = z.object({ project_id: projectId, key_id: z.int().positive() });
export const keyUsed = z.object({ key_id: z.int().positive(), used_at: canonicalTime });
export const userModelUpdated = z.object({
  project_id: projectId,
  user_id: z.string(),
  revision: z.int(),
});
export const userErased = z.object({
  project_id: projectId,
  user_id: z.string(),
  erased_at: z.string(),
  keys: z
    .array(z.string())
    .optional()
    .describe("Keys of everything known as this person: caches by key drop them all"),
});
export const refreshReason = z.enum(["missing", "stale", "content"]);
export const userRefreshRequested = z.object({
  project_id: projectId,
  user_id: z.string(),
  reason: refreshReason,
  space: z
    .string()
    .max(100)
    .optional()
    .describe("Embedding space the model is to be of; content: vectors that came with the items"),
});
export const contentChanged = z.object({
  project_id: projectId,
  version: z.int().nonnegative().describe("Catalogue version after the change"),
  upserted: z.array(z.string()),
  removed: z.array(z.string()),
});
export const rankingRulesChanged = z.object({ project_id: projectId });
export const experimentChanged = z.object({
  project_id: projectId,
  experiment_id: z.string(),
  status: z.enum(["draft", "running", "stopped", "archived"]),
});
export const deadLetterMessage = z.object({
  project_id: projectId.optional(),
  app: z.string(),
  code: z.string(),
  detail: z.string(),
  received_at: z.string(),
  event_id: z.string().optional(),
  subject: z.string().optional(),
  body: z.string().describe("The original as text, cut at 64 kB"),
  truncated: z.boolean(),
});
const learnerItem = z.object({
  item_id: z.string().min(1).max(MAX_ID_LENGTH),
  static_score: z.number().nonnegative().describe("What the static weights gave it"),
  values: z
    .array(z.number())
    .max(2 * SCORERS.length)
    .describe("In the order of the scorers"),
});
export const recommendationMade = z.object({
  project_id: projectId,
  request_id: z.string().min(1).max(MAX_ID_LENGTH),
  user_id: z.string().min(1).max(MAX_ID_LENGTH),
  made_at: canonicalTime,
  mode: z.enum(["bandit", "ltr"]),
  items: z.array(learnerItem).max(100).describe("The first places of the list, in order"),
  slots: z
    .array(
      z.object({
        place: z.int().positive(),
        chosen: z.int().nonnegative().describe("Which of the actions stood there"),
        actions: z
          .array(learnerItem.extend({ propensity: z.number().positive().max(1) }))
          .min(1)
          .max(20),
      }),
    )
    .max(10)
    .describe("Places left to chance: what could have stood there, and how probable it was"),
});
export type RecommendationMade = z.output<typeof recommendationMade>;
export type DeadLetterMessage = z.output<typeof deadLetterMessage>;
export type UserRefreshRequested = z.output<typeof userRefreshRequested>;
export type ContentChanged = z.output<typeof contentChanged>;
export type UserErased = z.output<typeof userErased>;

/** Every subject. A name is spelled here and nowhere else. */
export const subjects = {
  tipServed: subject("signals.tip.served", "SIGNALS", signalEnvelope, {
    about: "An item was really shown to the user (an impression)",
    publishedBy: ["ingest-webhook", "experiments", anyService],
    heardBy: withExperiments,
  }),
  tipFeedback: subject("signals.tip.feedback", "SIGNALS", signalEnvelope, {
    about: "A reaction: done, dismiss, snooze, like, dislike, click, purchase, rating",
    publishedBy: ["ingest-webhook", "experiments", anyService],
    heardBy: [...withExperiments, "recommender"],
  }),
  contentViewed: subject("signals.content.viewed", "SIGNALS", signalEnvelope, {
    about: "A view started or ended, with dwell and end reason",
    publishedBy: ["ingest-webhook"],
    heardBy: [...updater, "recommender"],
  }),
  userIdentified: subject("signals.user.identified", "SIGNALS", signalEnvelope, {
    about: "Traits; link of an anonymous id to a user; alias",
    publishedBy: ["ingest-webhook"],
    heardBy: updater,
  }),
  surveyAnswered: subject("signals.survey.answered", "SIGNALS", signalEnvelope, {
    about: "Answers to a survey",
    publishedBy: ["ingest-webhook"],
    heardBy: updater,
  }),
  searchPerformed: subject("signals.search.performed", "SIGNALS", signalEnvelope, {
    about: "A query",
    publishedBy: ["ingest-webhook"],
    heardBy: updater,
  }),
  experimentExposed: subject("signals.experiment.exposed", "SIGNALS", signalEnvelope, {
    about: "A unit met a variation",
    publishedBy: ["ingest-webhook", "experiments", anyService],
    heardBy: withExperiments,
  }),
  modelTrained: subject("models.trained", "EVENTS", modelTrained, {
    about: "A model was trained, signed and written",
    publishedBy: ["trainer", anyService],
    heardBy: ["inference-gateway", "recommender"],
  }),
  slotsChanged: subject("models.slots.changed", "EVENTS", slotsChanged, {
    about: "Slots of a project, or the serving version of one of its models, were changed by hand",
    publishedBy: ["management-api", "experiments"],
    heardBy: ["inference-gateway", "recommender"],
  }),
  trainingRequested: subject("models.training.requested", "EVENTS", trainingRequested, {
    about: "A run waits in the table of training runs; wakes the trainer, which claims it there",
    publishedBy: ["management-api"],
    heardBy: ["trainer"],
  }),
  trainingProgress: subject("models.training.progress", "EVENTS", trainingProgress, {
    about: "How far a training run is; the row of the run says the same",
    publishedBy: ["trainer"],
    heardBy: [],
  }),
  keyUsed: subject("keys.used", "EVENTS", keyUsed, {
    about: "A key was used where the database may only be read; at most once a minute a process",
    publishedBy: ["inference-gateway", anyService],
    heardBy: ["management-api"],
  }),
  keyRevoked: subject("keys.revoked", "EVENTS", keyRevoked, {
    about: "A key was revoked; caches drop it",
    publishedBy: ["management-api"],
    heardBy: [
      "ingest-webhook",
      "recommender",
      "management-api",
      "user-model-updater",
      "inference-gateway",
      "experiments",
    ],
  }),
  userModelUpdated: subject("users.model.updated", "EVENTS", userModelUpdated, {
    about: "A user model was saved",
    publishedBy: updater,
    heardBy: [],
  }),
  userErased: subject("users.erased", "EVENTS", userErased, {
    about: "An erasure was committed; caches drop the user",
    publishedBy: ["management-api"],
    heardBy: ["recommender", "user-model-updater"],
  }),
  userRefreshRequested: subject("users.refresh.requested", "EVENTS", userRefreshRequested, {
    about:
      "Bring a user's model and profile features up to date from the buffer, or from the archive",
    publishedBy: ["recommender"],
    heardBy: updater,
  }),
  recommendationMade: subject("recommendations.made", "DECISIONS", recommendationMade, {
    about: "A list was ranked by a learner: what stood where, by which chance",
    publishedBy: ["recommender"],
    heardBy: ["experiments"],
  }),
  rankingRulesChanged: subject("content.rules.changed", "EVENTS", rankingRulesChanged, {
    about: "Ranking rules of a project were changed",
    publishedBy: ["management-api"],
    heardBy: ["recommender"],
  }),
  experimentChanged: subject("experiments.changed", "EVENTS", experimentChanged, {
    about: "An experiment was created, started, stopped, archived or changed",
    publishedBy: ["experiments"],
    heardBy: ["recommender"],
  }),
  contentChanged: subject("content.changed", "EVENTS", contentChanged, {
    about: "Item ids upserted or removed",
    publishedBy: ["management-api"],
    heardBy: ["recommender", "user-model-updater"],
  }),
} as const;

/** System name in attributes of spans (OpenTelemetry messaging conventions). */
export const MESSAGING_SYSTEM = "nats";

/** Every signal, for a consumer that takes them all. */
export const ALL_SIGNALS = "signals.>";
/** Every dead letter. */
export const ALL_DEAD_LETTERS = "deadletters.>";

/** Where an app without a database puts what it could not process. `app` is a package name. */
export function deadLettersOf(app: string): Subject<DeadLetterMessage> {
  return subject(`deadletters.${app}`, "DEADLETTERS", deadLetterMessage, {
    about: "What could not be processed, with cause and original",
    publishedBy: ["every consumer"],
    heardBy: updater,
  });
}

/** Subject a normalised event is published on. */
export const SUBJECT_OF_KIND: Record<EventKind, Subject<z.output<typeof signalEnvelope>>> = {
  served: subjects.tipServed,
  feedback: subjects.tipFeedback,
  viewed: subjects.contentViewed,
  identified: subjects.userIdentified,
  survey: subjects.surveyAnswered,
  search: subjects.searchPerformed,
  exposed: subjects.experimentExposed,
};
