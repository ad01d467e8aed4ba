import { ModelError } from "../errors.ts";
import type { ParameterRules } from "./types.ts";

/**
 * Defaults overlaid with what is given. Throws PARAMETERS_INVALID: a name without a rule, a value
 * outside its rule.
 */
export function checkParameters<Parameters extends object>(
  given: object,
  defaults: Parameters,
  rules: ParameterRules,
): Parameters {
  for (const [name, value] of Object.entries(given)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) throw new ModelError("PARAMETERS_INVALID", `no parameter ${name}`);
    if ("oneOf" in rule) {
      if (!rule.oneOf.includes(value as string)) {
        throw new ModelError("PARAMETERS_INVALID", `${name} is one of ${rule.oneOf.join(", ")}`);
      }
    } else if (
      typeof value !== "number" ||
      !(value >= rule.min && value <= rule.max) ||
      (rule.integer === true && !Number.isInteger(value))
    ) {
      throw new ModelError(
        "PARAMETERS_INVALID",
        `${name} is ${rule.integer === true ? "a whole number" : "a number"} in ${rule.min}..${rule.max}`,
      );
    }
  }
  return { ...defaults, ...given };
}
