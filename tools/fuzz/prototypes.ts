const GUARDED = {
  Object: Object.prototype,
  Array: Array.prototype,
  String: String.prototype,
  Function: Function.prototype,
  Map: Map.prototype,
} as const;

/** What every object inherits, as text: the same before and after, or something was polluted. */
export function prototypesText(): string {
  return Object.entries(GUARDED)
    .map(([name, prototype]) => {
      const keys = Reflect.ownKeys(prototype).map(String);
      const above = Object.getPrototypeOf(prototype) === null ? "null" : "Object";
      return `${name}(${above}): ${keys.join()}`;
    })
    .join("\n");
}
