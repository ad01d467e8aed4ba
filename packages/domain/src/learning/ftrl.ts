/** How follow-the-regularised-leader learns. */
export interface FtrlParameters {
  /** Learning rate, above 0. */
  alpha: number;
  /** Slows the first steps, 0 or more. */
  beta: number;
  /** Drives weights to exactly 0, 0 or more. */
  l1: number;
  l2: number;
}

export const FTRL_DEFAULTS: FtrlParameters = { alpha: 0.1, beta: 1, l1: 0, l2: 1 };

export interface LogisticWeights {
  bias: number;
  weights: readonly number[];
}

/** Features and whether it was a success. */
export interface LabelledExample {
  x: readonly number[];
  label: boolean;
  /** How much it counts; 1 unless told. */
  weight?: number;
}

/**
 * Logistic regression by FTRL-Proximal with one learning rate a feature (McMahan et al., "Ad Click
 * Prediction", KDD 2013, algorithm 1). The result depends on the order of examples.
 * @param size features of each example.
 */
export function trainFtrl(
  examples: Iterable<LabelledExample>,
  size: number,
  { alpha, beta, l1, l2 }: FtrlParameters = FTRL_DEFAULTS,
): LogisticWeights {
  // The last place is the bias: a feature that is always 1, never driven to 0.
  const z = new Float64Array(size + 1);
  const n = new Float64Array(size + 1);
  const w = new Float64Array(size + 1);
  const weightAt = (at: number): number => {
    const bound = at === size ? 0 : l1;
    if (Math.abs(z[at]!) <= bound) return 0;
    const step = (beta + Math.sqrt(n[at]!)) / alpha + l2;
    return -(z[at]! - Math.sign(z[at]!) * bound) / step;
  };
  for (const { x, label, weight = 1 } of examples) {
    let sum = 0;
    for (let at = 0; at <= size; at++) {
      w[at] = weightAt(at);
      sum += w[at]! * (at === size ? 1 : x[at]!);
    }
    const error = weight * (sigmoid(sum) - (label ? 1 : 0));
    for (let at = 0; at <= size; at++) {
      const gradient = error * (at === size ? 1 : x[at]!);
      const moved = (Math.sqrt(n[at]! + gradient * gradient) - Math.sqrt(n[at]!)) / alpha;
      z[at] = z[at]! + gradient - moved * w[at]!;
      n[at] = n[at]! + gradient * gradient;
    }
  }
  const weights = Array.from({ length: size }, (_, at) => weightAt(at));
  return { bias: weightAt(size), weights };
}

/** Probability of a success. */
export function scoreLogistic({ bias, weights }: LogisticWeights, x: ArrayLike<number>): number {
  return sigmoid(weights.reduce((sum, weight, at) => sum + weight * x[at]!, bias));
}

/** 1 / (1 + e^-x). */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
