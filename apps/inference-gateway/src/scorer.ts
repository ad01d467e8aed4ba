import type { ModelView } from "@signalpath/contracts";
import type { ModelKind as Decoder } from "@signalpath/model-loader";
import {
  ModelError,
  modelKinds,
  type AnyModelKind,
  type Model,
  type Query,
  type ScoredItem,
  type ScoreOptions,
} from "@signalpath/models";

import { createPopularItems, type PopularItems } from "./popular-items.ts";

/** A loaded model as requests see it. Never touches the network. */
export interface Scorer {
  /** Best first; undefined when the model knows neither the user nor any seed. */
  score(query: Query, options: ScoreOptions): ScoredItem[] | undefined;
  /** What most people of its training had. */
  popular: PopularItems;
}

/** Decoders of every kind, by the name that artefacts carry. */
export function scorerKinds(): Record<string, Decoder<Scorer>> {
  return Object.fromEntries(
    Object.entries(modelKinds).map(([name, kind]) => [
      name,
      { decode: (view: ModelView) => scorerOf(kind, kind.decode(view)) },
    ]),
  );
}

function scorerOf(kind: AnyModelKind, model: Model): Scorer {
  return {
    score: (query, options) => {
      try {
        return kind.score(model, query, options);
      } catch (error) {
        if (error instanceof ModelError && isUnknown(error)) return undefined;
        throw error;
      }
    },
    popular: createPopularItems(model),
  };
}

function isUnknown({ code }: ModelError): boolean {
  return code === "UNKNOWN_USER" || code === "UNKNOWN_SEEDS";
}
