import { COVER } from "./strings.ts";

/** Fields that say who somebody is, in any writing, at any depth. */
const PERSONAL = new Set(
  [
    "user_id",
    "anonymous_id",
    "previous_id",
    "group_id",
    "traits",
    "email",
    "phone",
    "name",
    "first_name",
    "last_name",
    "address",
    "ip",
    "location",
    "answers",
    "query",
  ].map(plain),
);

/** A copy whose personal fields are covered; a text that could not be parsed is covered whole. */
export function covered(value: unknown): unknown {
  if (typeof value === "string") return value === "" ? "" : COVER;
  return inside(value);
}

function inside(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inside);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      const isCovered = PERSONAL.has(plain(key)) && one !== null && one !== "";
      return [key, isCovered ? COVER : inside(one)];
    }),
  );
}

/** `userId`, `user_id` and `User-ID` are one name. */
function plain(key: string): string {
  return key.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}
