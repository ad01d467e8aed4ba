import { distanceM } from "./geo.ts";
import type { ItemView } from "./item-view.ts";
import type { Anchor, Person } from "./person.ts";
import type { PoolScores } from "./score-pool.ts";
import { tagCosine, unitCosine } from "./similarity.ts";
import {
  REASON_KINDS,
  type RankedItem,
  type RankingInput,
  type Reason,
  type ReasonKind,
} from "./types.ts";
import { WORDINGS, type Wording } from "./wording.ts";

/** Item ids a reason names at most. */
const EVIDENCE = 3;

/** Strongest liked items that are searched for the one a semantic reason names. */
const NAMED = 20;

/** A contribution below this share of the positive ones explains nothing. */
const LEAST_SHARE = 0.05;

/** Finds the reasons for one item of a pool, at most `max`. */
export type Explainer = (
  at: number,
  view: ItemView,
  contributions: RankedItem["contributions"],
  max: number,
) => Reason[];

interface Finding {
  label: string;
  evidence: string[];
}

/**
 * Reasons for the largest positive contributions, largest first (ties in the order of
 * `REASON_KINDS`), none for a negligible part. A contribution whose evidence cannot be named any
 * more (its content is gone) gives its place to the next one. Evidence is searched once an item.
 */
export function createExplainer(
  person: Person | undefined,
  scores: PoolScores,
  { near, collaborative }: Pick<RankingInput, "near" | "collaborative">,
  wording: Wording = WORDINGS.en,
): Explainer {
  const finder = remembered(createFinder(person, scores, near, collaborative));
  return (at, view, contributions, max) => {
    const parts = REASON_KINDS.map((kind) => Math.max(0, contributions[kind] ?? 0));
    const least = LEAST_SHARE * parts.reduce((sum, part) => sum + part, 0);
    const kinds = REASON_KINDS.filter((_, i) => parts[i]! > 0 && parts[i]! >= least);
    kinds.sort((a, b) => contributions[b]! - contributions[a]!);
    const reasons: Reason[] = [];
    for (const kind of kinds) {
      if (reasons.length === max) break;
      const found = finder(kind, at, view);
      if (found === undefined) continue;
      const text = wording[kind](found.label);
      reasons.push({ kind, ...found, weight: contributions[kind]!, text });
    }
    return reasons;
  };
}

type Finder = (kind: ReasonKind, at: number, view: ItemView) => Finding | undefined;

/** Lists of one pool mostly show the same items. */
function remembered(finder: Finder): Finder {
  const found = new Map<number, Map<ReasonKind, Finding | undefined>>();
  return (kind, at, view) => {
    let own = found.get(at);
    if (own === undefined) found.set(at, (own = new Map()));
    if (!own.has(kind)) own.set(kind, finder(kind, at, view));
    return own.get(kind);
  };
}

function createFinder(
  person: Person | undefined,
  scores: PoolScores,
  near: RankingInput["near"],
  model: RankingInput["collaborative"],
): Finder {
  const positives = person?.positives ?? [];
  const recents = person?.recents ?? [];
  return (kind, at, view) => {
    switch (kind) {
      case "affinity":
        return naming(positives[scores.affinityAnchors[at]!]);
      case "collaborative":
        return likedTogether(view, positives[scores.collaborativeAnchors[at]!], model, person);
      case "recency":
        return naming(recents[scores.recencyAnchors[at]!]);
      case "tag":
        return person === undefined ? undefined : strongestTag(view, person);
      case "semantic":
        return nearestLiked(view, positives);
      case "geo":
        return placeOf(view, near);
      case "trend":
      case "freshness":
      case "time":
      case "quality":
        return { label: "", evidence: [] };
      default:
        return kind satisfies never;
    }
  };
}

/** An item is named by its title; one whose content is gone by its id. */
function naming(anchor: Anchor | undefined): Finding | undefined {
  if (anchor === undefined) return undefined;
  return { label: anchor.view?.item.title ?? anchor.id, evidence: [anchor.id] };
}

/** What speaks for it among neighbours, else in the trained model, else the model as a whole. */
function likedTogether(
  view: ItemView,
  anchor: Anchor | undefined,
  model: RankingInput["collaborative"],
  person: Person | undefined,
): Finding | undefined {
  if (anchor !== undefined || model === undefined) return naming(anchor);
  const id = model.because(view.id);
  const known = person?.positives.find((one) => one.id === id);
  if (known !== undefined) return naming(known);
  return { label: "", evidence: [] };
}

/**
 * The item's tag with the most affinity (the first written wins a tie), and the liked items that
 * carry it, strongest first.
 */
function strongestTag(view: ItemView, person: Person): Finding | undefined {
  const { tags, written } = view;
  let best = -1;
  let most = 0;
  for (let i = 0; i < tags.length; i++) {
    const weight = person.affinity.weights.get(tags[i]!) ?? 0;
    if (weight > most || (weight > 0 && weight === most && written[i]! < written[best]!)) {
      most = weight;
      best = i;
    }
  }
  if (best < 0) return undefined;
  const evidence: string[] = [];
  for (const { id, view: liked } of person.positives) {
    if (evidence.length === EVIDENCE) break;
    if (liked?.tags.includes(tags[best]!)) evidence.push(id);
  }
  return { label: view.item.tags[written[best]!]!.label, evidence };
}

/** The liked item whose vector, else whose tags, are closest. */
function nearestLiked(view: ItemView, positives: readonly Anchor[]): Finding {
  let best: Anchor | undefined;
  let closest = 0;
  for (const anchor of positives.slice(0, NAMED)) {
    if (anchor.view === undefined) continue;
    const likeness = unitCosine(view.unit, anchor.view.unit) || tagCosine(view, anchor.view);
    if (likeness > closest) {
      closest = likeness;
      best = anchor;
    }
  }
  return naming(best) ?? { label: "", evidence: [] };
}

function placeOf(view: ItemView, near: RankingInput["near"]): Finding | undefined {
  const { lat, lon } = view.item;
  if (near === undefined || lat === undefined || lon === undefined) return undefined;
  const metres = distanceM(near, { lat, lon });
  const label = metres < 1_000 ? `${Math.round(metres)} m` : `${(metres / 1_000).toFixed(1)} km`;
  return { label, evidence: [] };
}
