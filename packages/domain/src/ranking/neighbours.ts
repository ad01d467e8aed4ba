import { compareCodePoints } from "../events/order.ts";
import { createTopK } from "./top-k.ts";
import type { Neighbour } from "./types.ts";

export interface Like {
  item_id: string;
  /** (0, 1]; what is not above 0 is left out. */
  weight: number;
}

export interface NeighbourOptions {
  /** Added to the denominator: few common people prove little. */
  shrink?: number;
  /** Neighbours kept per item. */
  top?: number;
  /** Likes used per person, the newest. */
  likesPerPerson?: number;
}

/** Neighbours of one item, most similar first. */
export interface NeighbourList {
  item_id: string;
  neighbours: Neighbour[];
}

export interface NeighbourAccumulator {
  /** One person's likes, newest first; of an item named twice the first counts. */
  add(likes: readonly Like[]): void;
  /**
   * One list per item that has a neighbour, by item id. Lazy: every step costs about the number of
   * likes of the people who like that item, so a caller may pause between steps. Nothing may be
   * added while it runs.
   */
  lists(): Generator<NeighbourList, void, undefined>;
}

/** Weights become integers of this scale, so that sums do not depend on the order of people. */
const SCALE = 1_024;

/**
 * Item-to-item similarity from what the same people liked: cosine with a shrinkage term,
 * `sim(i, j) = sum_p w_pi w_pj / (|i| |j| + shrink)`, |i| = sqrt(sum_p w_pi^2) (Dacrema et al.,
 * "A troubling analysis of reproducibility and progress in recommender systems research",
 * TOIS 2021, section 3; the shrink term after Bell and Koren, ICDM 2007). In (0, 1).
 * Equal for any order of people; ties by item id.
 *
 * Memory is two numbers a like; a row of the similarity matrix exists only while it is cut to `top`.
 */
export function createNeighbourAccumulator(options: NeighbourOptions = {}): NeighbourAccumulator {
  const { shrink = 20, top = 50, likesPerPerson = 500 } = options;
  const ids: string[] = [];
  const indexOf = new Map<string, number>();
  const people: { items: Int32Array; weights: Float64Array }[] = [];

  const intern = (id: string): number => {
    const known = indexOf.get(id);
    if (known !== undefined) return known;
    indexOf.set(id, ids.length);
    return ids.push(id) - 1;
  };

  return {
    add(likes) {
      const own = new Map<string, number>();
      for (const like of likes) {
        if (own.size >= likesPerPerson) break;
        const weight = Math.round(Math.min(like.weight, 1) * SCALE);
        if (weight > 0 && !own.has(like.item_id)) own.set(like.item_id, weight);
      }
      if (own.size === 0) return;
      people.push({
        items: Int32Array.from(own.keys(), intern),
        weights: Float64Array.from(own.values()),
      });
    },
    *lists() {
      const likers = invert(people, ids.length);
      const norms = likers.weights.map((own) => {
        let sum = 0;
        for (const weight of own) sum += weight * weight;
        return Math.sqrt(sum);
      });
      const scaledShrink = shrink * SCALE * SCALE;
      const dots = new Float64Array(ids.length);
      const touched = new Int32Array(ids.length);
      const order = ids.map((_, index) => index);
      order.sort((a, b) => compareCodePoints(ids[a]!, ids[b]!));
      for (const item of order) {
        const count = addUp(people, likers, item, dots, touched);
        const best = createTopK(top);
        const norm = norms[item]!;
        for (let t = 0; t < count; t++) {
          const other = touched[t]!;
          const dot = dots[other]!;
          dots[other] = 0;
          if (other !== item)
            best.push(other, dot / (norm * norms[other]! + scaledShrink), ids[other]!);
        }
        const neighbours = best
          .take()
          .map(({ index, score }) => ({ item_id: ids[index]!, similarity: score }));
        if (neighbours.length > 0) yield { item_id: ids[item]!, neighbours };
      }
    },
  };
}

/** All lists at once. */
export function itemNeighbours(
  people: Iterable<readonly Like[]>,
  options: NeighbourOptions = {},
): NeighbourList[] {
  const accumulator = createNeighbourAccumulator(options);
  for (const likes of people) accumulator.add(likes);
  return [...accumulator.lists()];
}

interface Likers {
  /** Per item: who likes it, and how much. */
  people: number[][];
  weights: number[][];
}

function invert(
  people: readonly { items: Int32Array; weights: Float64Array }[],
  nItems: number,
): Likers {
  const likers: Likers = {
    people: Array.from({ length: nItems }, () => []),
    weights: Array.from({ length: nItems }, () => []),
  };
  for (const [person, { items, weights }] of people.entries()) {
    for (let k = 0; k < items.length; k++) {
      likers.people[items[k]!]!.push(person);
      likers.weights[items[k]!]!.push(weights[k]!);
    }
  }
  return likers;
}

/** Dot products of one item with every other, into `dots`; returns how many entries of `touched` count. */
function addUp(
  people: readonly { items: Int32Array; weights: Float64Array }[],
  likers: Likers,
  item: number,
  dots: Float64Array,
  touched: Int32Array,
): number {
  let count = 0;
  const persons = likers.people[item]!;
  const own = likers.weights[item]!;
  for (let p = 0; p < persons.length; p++) {
    const { items, weights } = people[persons[p]!]!;
    const weight = own[p]!;
    for (let k = 0; k < items.length; k++) {
      const other = items[k]!;
      if (dots[other] === 0) touched[count++] = other;
      dots[other] = dots[other]! + weight * weights[k]!;
    }
  }
  return count;
}
