import { vi } from "vitest";

/** How long a test waits for what must come, milliseconds: longer than the slowest machine needs. */
const PATIENCE_MS = 30_000;

/**
 * `vi.waitFor` gives up after a second by default, which is a timed assertion on a busy machine.
 * Files of one worker share `vi`, so the longer default is set once.
 */
const waitFor = vi.waitFor.bind(vi);
const patient = Object.assign(
  ((check, options) =>
    waitFor(
      check,
      typeof options === "number" ? options : { timeout: PATIENCE_MS, ...options },
    )) as typeof vi.waitFor,
  { patient: true },
);
if (!("patient" in vi.waitFor)) vi.waitFor = patient;
