import { randomBytes } from "node:crypto";

import { isProduction, type BackendSettings, type Opening } from "./opening.ts";

/**
 * The secret that key hashes are made with. Outside production an absent one is minted for this
 * process, said aloud.
 * @throws Error in production.
 */
export function openSecret(settings: BackendSettings, opening: Pick<Opening, "warn">): string {
  if (settings.SECRET_KEY !== undefined) return settings.SECRET_KEY;
  if (isProduction(settings)) throw new Error("SECRET_KEY is required in production");
  opening.warn(
    "SECRET_KEY is unset: a random one for this process; stored keys of before are invalid",
  );
  return randomBytes(32).toString("base64url");
}
