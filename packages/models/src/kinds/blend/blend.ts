import { setImmediate as nextTurn } from "node:timers/promises";

import type { ModelTensor } from "@signalpath/contracts";

import { ModelError } from "../../errors.ts";
import type { Interactions } from "../../interactions/types.ts";
import { createKind, type FitContext } from "../../kind/create-kind.ts";
import type { Input } from "../../kind/input.ts";
import { checkParameters } from "../../kind/parameters.ts";
import { invalidTensors, tensor, type Tensors } from "../../kind/tensors.ts";
import type { Model, ModelKind, TrainSize } from "../../kind/types.ts";
import { easeSpec, type EaseCore, type EaseParameters } from "../ease/ease.ts";
import { ialsSpec, type IalsCore, type IalsParameters } from "../ials/ials.ts";
import { chooseWeight } from "./choose-weight.ts";
import { holdOut } from "./hold-out.ts";
import { blendScores, standardOf } from "./standardise.ts";

export interface BlendParameters {
  ease: Partial<EaseParameters>;
  ials: Partial<IalsParameters>;
  /** Share of `ease`, 0..1, or the best one on held out interactions, which trains everything twice. */
  weight: number | "validation";
}

export interface BlendCore {
  ease: EaseCore;
  ials: IalsCore;
  weight: number;
}

type Whole = { ease: EaseParameters; ials: IalsParameters; weight: number | "validation" };

/**
 * Weighted sum of the z-scores of `ease` and `ials` over the items not in the input. The weight is
 * chosen on each user's latest fifth (any fifth without times); 0 and 1 are allowed.
 */
export const blend: ModelKind<BlendParameters, BlendCore> = createKind({
  name: "blend",
  defaults: { ease: easeSpec.defaults, ials: ialsSpec.defaults, weight: "validation" },
  rules: { weight: { min: 0, max: 1 } },
  complete,
  estimateBytes,
  fit,
  scoreAll: (model, input) =>
    blendScores(...partScores(model, input), model.core.weight, input.rows),
  relateAll: (model, input) => {
    const likeness = ialsSpec.relateAll ?? ialsSpec.scoreAll;
    const first = easeSpec.scoreAll(easePart(model), input);
    const second = likeness(ialsPart(model), input);
    return blendScores(first, second, model.core.weight, input.rows);
  },
  contributions,
  tensors: ({ ease, ials, weight }) => [
    ["blend.weight", { shape: [], data: Float64Array.of(weight) }],
    ...prefixed("ease.", easeSpec.tensors(ease)),
    ...prefixed("ials.", ialsSpec.tensors(ials)),
  ],
  core: readCore,
});

/** Checks the parameters of the parts too; `weight` may also be "validation". */
function complete(given: object): Whole {
  const {
    ease = {},
    ials = {},
    weight = "validation",
    ...rest
  } = given as Partial<BlendParameters>;
  checkParameters(rest, {}, {});
  if (weight !== "validation") {
    checkParameters({ weight }, {}, { weight: { min: 0, max: 1 } });
  }
  for (const part of [ease, ials] as unknown[]) {
    if (typeof part !== "object" || part === null) {
      throw new ModelError("PARAMETERS_INVALID", "ease and ials are objects");
    }
  }
  return {
    ease: checkParameters(ease, easeSpec.defaults, easeSpec.rules),
    ials: checkParameters(ials, ialsSpec.defaults, ialsSpec.rules),
    weight,
  };
}

/** Both models are there while the second is fitted; those of the validation are gone by then. */
function estimateBytes(size: TrainSize, parameters: BlendParameters): number {
  const { ease, ials } = parameters as Whole;
  return (
    easeSpec.estimateBytes(size, ease) + ialsSpec.estimateBytes(size, ials) + size.entries * 24
  );
}

async function fit(
  interactions: Interactions,
  parameters: BlendParameters,
  context: FitContext,
): Promise<BlendCore> {
  const whole = parameters as Whole;
  const weight =
    whole.weight === "validation" ? await validate(interactions, whole, context) : whole.weight;
  return { ...(await fitParts(interactions, whole, context, "")), weight };
}

async function fitParts(
  interactions: Interactions,
  { ease, ials }: Whole,
  context: FitContext,
  prefix: string,
): Promise<{ ease: EaseCore; ials: IalsCore }> {
  const part = (name: string) => ({
    ...context,
    stage: (stage: string) => context.stage(`${prefix}${name} ${stage}`),
  });
  return {
    ease: await easeSpec.fit(interactions, ease, part("ease")),
    ials: await ialsSpec.fit(interactions, ials, part("ials")),
  };
}

async function validate(
  interactions: Interactions,
  whole: Whole,
  context: FitContext,
): Promise<number> {
  const { train, held } = holdOut(interactions, context.random);
  const cores = await fitParts(train, whole, context, "validation ");
  const model: Model<BlendCore> = {
    kind: "blend",
    users: train.users,
    items: train.items,
    history: train.matrix,
    hyperparameters: whole,
    core: { ...cores, weight: 1 },
  };
  const onFraction = context.stage("weight");
  return chooseWeight(
    train.matrix,
    held,
    {
      first: (input) => easeSpec.scoreAll(easePart(model), input),
      second: (input) => ialsSpec.scoreAll(ialsPart(model), input),
    },
    async (fraction) => {
      onFraction(Math.min(1, fraction));
      await nextTurn();
      context.signal?.throwIfAborted();
    },
  );
}

function easePart(model: Model<BlendCore>): Model<EaseCore> {
  const { ease } = model.hyperparameters as Whole;
  return { ...model, core: model.core.ease, hyperparameters: ease };
}

function ialsPart(model: Model<BlendCore>): Model<IalsCore> {
  const { ials } = model.hyperparameters as Whole;
  return { ...model, core: model.core.ials, hyperparameters: ials };
}

function partScores(model: Model<BlendCore>, input: Input): [Float64Array, Float64Array] {
  return [easeSpec.scoreAll(easePart(model), input), ialsSpec.scoreAll(ialsPart(model), input)];
}

function contributions(model: Model<BlendCore>, input: Input, item: number): Float64Array {
  const { weight } = model.core;
  const [first, second] = partScores(model, input);
  const a = weight * standardOf(first, input.rows).factor;
  const b = (1 - weight) * standardOf(second, input.rows).factor;
  const ofEase = easeSpec.contributions(easePart(model), input, item);
  const ofIals = ialsSpec.contributions(ialsPart(model), input, item);
  return ofEase.map((value, at) => a * value + b * ofIals[at]!);
}

function prefixed(prefix: string, tensors: [string, ModelTensor][]): [string, ModelTensor][] {
  return tensors.map(([name, value]) => [`${prefix}${name}`, value]);
}

function readCore(
  tensors: Tensors,
  size: { users: number; items: number },
  parameters: BlendParameters,
): BlendCore {
  const part = (prefix: string): Tensors =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [name.slice(prefix.length), value]),
    );
  const weight = tensor(tensors, "blend.weight", Float64Array, [])[0] ?? Number.NaN;
  if (!(weight >= 0 && weight <= 1)) throw invalidTensors("blend.weight is not in 0..1");
  const { ease, ials } = parameters as Whole;
  return {
    ease: easeSpec.core(part("ease."), size, ease),
    ials: ialsSpec.core(part("ials."), size, ials),
    weight,
  };
}
