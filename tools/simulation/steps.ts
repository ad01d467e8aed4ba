import type { SignalEvent } from "@signalpath/domain";

import type { Fate } from "./turns.ts";

export const USERS = ["u0", "u1", "u2"] as const;
export const DEVICES = ["a0", "a1", "a2"] as const;
export const ITEMS = ["i0", "i1", "i2", "i3"] as const;
export const LABELS = ["red", "green", "blue"] as const;
export const WORKERS = 2;

/** What an event says; its time is `offsetMs` from the moment it is sent. */
export type Said = Omit<SignalEvent, "occurred_at" | "received_at" | "project_id"> & {
  offsetMs: number;
};

/** What of a person's state is lost. */
export interface Lost {
  buffer: boolean;
  model: boolean;
  /** Redirect, floor and revision. */
  meta: boolean;
}

/**
 * One step of a schedule. Numbers that choose (`pick`, `worker`, ...) are taken modulo what there
 * is, so that a schedule stays valid whatever is cut out of it.
 */
export type Step =
  | { do: "publish"; said: Said; copies: number }
  | { do: "deliver"; worker: number; durable: number; count: number; shuffle: number }
  /** One waiting call happens, then up to `more` of the same actor's that follow. */
  | { do: "turn"; pick: number; more: number; fate: Fate }
  /** A waiting call is put aside until everything else has come to rest. */
  | { do: "hold"; pick: number }
  | { do: "crash"; worker: number }
  | { do: "start"; worker: number }
  /** A delivery on its way is handed out again, to whoever comes. */
  | { do: "expire"; pick: number }
  /** An acknowledgement is forgotten. */
  | { do: "replay"; pick: number }
  | { do: "wipe" }
  | { do: "snapshot" }
  | { do: "rollback" }
  | { do: "lose"; key: number; lost: Lost }
  /** A buffer goes without a sign. */
  | { do: "evict"; key: number }
  | { do: "advance"; ms: number }
  | { do: "erase"; who: string }
  | { do: "crash-eraser" }
  | { do: "content"; item: string; label: string }
  | { do: "refresh"; who: string }
  | { do: "rebuild"; worker: number; who: string }
  | { do: "beat"; worker: number }
  /** What was heard and not yet taken is lost; the connection to the bus is back. */
  | { do: "bus-back"; worker: number }
  /** Everything goes on undisturbed until nothing is left to do. */
  | { do: "rest" };
