import type { KeyValues } from "./surroundings.ts";
import type { Consent } from "./types.ts";

export interface Identity {
  anonymousId(): string;
  userId(): string | undefined;
  /** Whom lists are for and whom experiments count: the user, else this browser. */
  unit(): string;
  setUser(userId: string): void;
  /** Forgets the user and begins as a new visitor. */
  reset(): void;
  consent(): Consent;
  /** Denied: what was kept is removed, and ids live in this page alone. */
  setConsent(consent: Consent): void;
}

/** Longer ids are none for the door. UTF-16 units. */
const MAX_ID = 200;

/** Who this browser is. Ids are kept only while consent is granted. */
export function createIdentity(
  storage: KeyValues,
  newId: () => string,
  initial: { name: string; consent: Consent },
): Identity {
  const keys = { anonymous: `${initial.name}:anonymous-id`, user: `${initial.name}:user-id` };
  let consent = initial.consent;
  let anonymousId: string;
  let userId: string | undefined;

  function write(): void {
    if (consent === "denied") {
      for (const key of Object.values(keys)) storage.removeItem(key);
      return;
    }
    try {
      storage.setItem(keys.anonymous, anonymousId);
      if (userId === undefined) storage.removeItem(keys.user);
      else storage.setItem(keys.user, userId);
    } catch {
      // Storage is full of others' values: this page still knows who it is.
    }
  }

  function kept(key: string): string | undefined {
    const value = consent === "granted" ? (storage.getItem(key) ?? "").trim() : "";
    // What somebody else wrote there would be refused with every event.
    return value !== "" && value.length <= MAX_ID ? value : undefined;
  }
  anonymousId = kept(keys.anonymous) ?? newId();
  userId = kept(keys.user);
  write();

  return {
    anonymousId: () => anonymousId,
    userId: () => userId,
    unit: () => userId ?? anonymousId,
    setUser(id) {
      userId = id.trim() === "" ? undefined : id;
      write();
    },
    reset() {
      anonymousId = newId();
      userId = undefined;
      write();
    },
    consent: () => consent,
    setConsent(next) {
      if (next === consent) return;
      consent = next;
      // Who takes consent back is nobody we knew from here on.
      if (next === "denied") {
        anonymousId = newId();
        userId = undefined;
      }
      write();
    },
  };
}
