import type { ModelMetadata, ModelTensor, ModelView } from "@signalpath/contracts";
import {
  parseTreesText,
  scoreLogistic,
  scoreTrees,
  SCORERS,
  trainFtrl,
  TreesTextError,
  type FtrlParameters,
  type LabelledExample,
  type LearnerItem,
  type LogisticWeights,
  type TreeEnsemble,
} from "@signalpath/domain";

import { ModelError } from "../../errors.ts";
import { invalidTensors, tensor } from "../../kind/tensors.ts";

/** What a ranker may look at: every scorer, and what the static weights made of them. */
export const RANKER_FEATURES: readonly string[] = [...SCORERS, "static_score"];

/** A learned blend of scorers, ready to score. */
export interface Ranker {
  form: "logistic" | "trees";
  features: readonly string[];
  /** Above 0, higher is better; a probability where the model was trained for one. */
  score: (item: LearnerItem) => number;
}

/** What an artefact holds beside the ids of its row. */
export interface EncodedRanker {
  metadata: Pick<ModelMetadata, "kind" | "hyperparameters">;
  tensors: ReadonlyMap<string, ModelTensor>;
}

const NAME = "content-ltr";
const FORMS = ["logistic", "trees"] as const;

/**
 * Learning to rank over named features of candidates: logistic regression (FTRL) or gradient-boosted
 * trees in LightGBM's text format. No kind of `modelKinds`: it scores candidates of a request, not a
 * user's row.
 */
export const contentLtr = {
  name: NAME,

  /** @param examples values in the order of `RANKER_FEATURES`. */
  train(examples: Iterable<LabelledExample>, parameters?: FtrlParameters): EncodedRanker {
    const size = RANKER_FEATURES.length;
    const { bias, weights } = trainFtrl(examples, size, parameters);
    return {
      metadata: { kind: NAME, hyperparameters: { form: "logistic", ...parameters } },
      tensors: new Map<string, ModelTensor>([
        ["features", bytesOf(RANKER_FEATURES.join("\n"))],
        ["weights", { shape: [size], data: Float64Array.from(weights) }],
        ["bias", { shape: [1], data: Float64Array.of(bias) }],
      ]),
    };
  },

  /** @throws ModelError: no text model that can be scored here. */
  fromTreesText(text: string): EncodedRanker {
    const { featureNames } = readTrees(text);
    placesOf(featureNames);
    return {
      metadata: { kind: NAME, hyperparameters: { form: "trees" } },
      tensors: new Map([["trees", bytesOf(text)]]),
    };
  },

  /** @throws ModelError TENSORS_INVALID. */
  decode({ metadata, tensors }: Pick<ModelView, "metadata" | "tensors">): Ranker {
    const form = FORMS.find((one) => one === metadata.hyperparameters["form"]);
    if (form === undefined) throw invalidTensors(`form is one of ${FORMS.join(", ")}`);
    if (form === "trees") {
      const trees = readTrees(textOf(tensor(tensors, "trees", Uint8Array, [undefined])));
      const isProbability = trees.transform === "sigmoid";
      return ranker(form, trees.featureNames, (x) => {
        const score = scoreTrees(trees, x);
        return isProbability ? score : aboveZero(score);
      });
    }
    const features = textOf(tensor(tensors, "features", Uint8Array, [undefined])).split("\n");
    const weights = tensor(tensors, "weights", Float64Array, [features.length]);
    const [bias = 0] = tensor(tensors, "bias", Float64Array, [1]);
    if (![bias, ...weights].every(Number.isFinite)) throw invalidTensors("a weight is no number");
    const logistic: LogisticWeights = { bias, weights: [...weights] };
    return ranker(form, features, (x) => scoreLogistic(logistic, x));
  },
} as const;

/**
 * Scores of lists are above 0, those of a regression may be anything: 1 + x, continued below 0 as
 * e^x (an exponential linear unit). Keeps every order, and distances above 0.
 */
function aboveZero(x: number): number {
  return x < 0 ? Math.exp(x) : 1 + x;
}

function ranker(
  form: Ranker["form"],
  features: readonly string[],
  scoreOf: (x: Float64Array) => number,
): Ranker {
  const places = placesOf(features);
  const staticAt = SCORERS.length;
  return {
    form,
    features,
    score: ({ values, static_score }) =>
      scoreOf(Float64Array.from(places, (at) => (at === staticAt ? static_score : values[at]!))),
  };
}

function placesOf(features: readonly string[]): number[] {
  return features.map((name) => {
    const at = RANKER_FEATURES.indexOf(name);
    if (at < 0) {
      throw invalidTensors(`feature ${name.slice(0, 40)}: one of ${RANKER_FEATURES.join(", ")}`);
    }
    return at;
  });
}

function readTrees(text: string): TreeEnsemble {
  try {
    return parseTreesText(text);
  } catch (cause) {
    if (!(cause instanceof TreesTextError)) throw cause;
    throw new ModelError("TENSORS_INVALID", `LightGBM text model: ${cause.message}`, { cause });
  }
}

function bytesOf(text: string): ModelTensor {
  const data = new TextEncoder().encode(text);
  return { shape: [data.length], data };
}

function textOf(bytes: Uint8Array): string {
  // A copy: what may lie in memory shared with threads is not decoded in place.
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
