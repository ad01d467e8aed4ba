import type { EngagementStyle, ExplainedTag, Trajectory, UserExplanation } from "./explanation.ts";
import type { UserSignals } from "./types.ts";

const STYLES: Record<EngagementStyle, string> = {
  deep_reader: "They read deeply and finish most of what they open.",
  skimmer: "They skim: little of the reading time is spent.",
  sampler: "They sample: some items are read, others left early.",
  unknown: "",
};

const TRAJECTORIES: Record<Trajectory, string> = {
  warming: "Recent items were met better than those before.",
  cooling: "Recent items were met less well than those before.",
  steady: "Recent items were met as those before.",
  new: "",
};

/** Breadth below which a person is said to keep to few subjects, and above which to roam. */
const NARROW = 0.5;
const BROAD = 0.9;
/** Liked items from which a spread says something: the tags of one item are always spread. */
const SPREAD_ITEMS = 5;

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

function listed(tags: readonly ExplainedTag[]): string {
  const labels = tags.slice(0, 3).map(({ label }) => label);
  const last = labels.pop() ?? "";
  return labels.length === 0 ? last : `${labels.join(", ")} and ${last}`;
}

function likes({ interests, breadth }: Omit<UserExplanation, "summary">, nLiked: number): string {
  if (interests.length === 0) return "";
  const basis = nLiked === 0 ? "by their own word" : `shown by ${count(nLiked, "item")}`;
  const likes = `They like ${listed(interests)}, ${basis}.`;
  const tooFew = nLiked > 0 && nLiked < SPREAD_ITEMS && breadth > BROAD;
  if (interests.length < 2 || tooFew || (breadth >= NARROW && breadth <= BROAD)) return likes;
  return `${likes} Their interest ${breadth < NARROW ? "keeps to few subjects" : "is broad"}.`;
}

/** One paragraph from the facts of an explanation and the counts of its model. */
export function describeModel(model: UserSignals, facts: Omit<UserExplanation, "summary">): string {
  const { behavior, n_events: events } = model;
  if (events === 0) return "Nothing is known yet.";
  const views = behavior.n_views === 0 ? "" : `, among them ${count(behavior.n_views, "view")}`;
  const sentences = [
    `Known from ${count(events, "event")}${views}.`,
    likes(facts, behavior.n_positive),
    facts.aversions.length === 0 ? "" : `They avoid ${listed(facts.aversions)}.`,
    STYLES[facts.engagement_style],
    TRAJECTORIES[facts.trajectory],
  ];
  return sentences.filter((sentence) => sentence !== "").join(" ");
}
