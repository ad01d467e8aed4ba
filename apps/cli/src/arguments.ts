import { InvalidArgumentError } from "commander";

/** A whole number from an argument, at least `min`. */
export function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min) {
      throw new InvalidArgumentError(`a whole number from ${min} is needed`);
    }
    return value;
  };
}

/** Seed of a training: 32 bits. */
export function seedNumber(text: string): number {
  const value = wholeNumber(0)(text);
  if (value <= 4_294_967_295) return value;
  throw new InvalidArgumentError("a whole number from 0 to 4294967295 is needed");
}

/** Weight of a slot, 0..100. */
export function slotWeight(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= 0 && value <= 100) return value;
  throw new InvalidArgumentError("a number from 0 to 100 is needed");
}
