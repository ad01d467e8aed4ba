import type { Clock, Probe } from "@signalpath/ports";

export interface Readiness {
  ready: boolean;
  /** Dependency name -> `up`, `degraded: ...` (does without) or `down: ...`. */
  dependencies: Record<string, string>;
}

/** A probe that has not answered by then counts as down, milliseconds. */
const PROBE_TIMEOUT_MS = 1_000;
const CACHE_MS = 1_000;

/**
 * Asks every probe at most once a second, all at once. `started` and `draining` count too: an app
 * that has not finished starting, or is going away, is not ready.
 */
export function createReadiness(
  probes: readonly Probe[],
  now: Clock,
  state: () => "starting" | "running" | "draining",
  onAnswer: (name: string, up: boolean) => void = () => {},
): () => Promise<Readiness> {
  let cached: { at: number; answer: Promise<Readiness> } | undefined;

  async function ask(): Promise<Readiness> {
    const answers = await Promise.all(
      probes.map(async (probe) => [probe.name, await status(probe)]),
    );
    const dependencies = Object.fromEntries(answers) as Record<string, string>;
    for (const [name, text] of Object.entries(dependencies)) onAnswer(name, text === "up");
    const ready = Object.values(dependencies).every((text) => !text.startsWith("down"));
    return { ready, dependencies };
  }

  return async () => {
    // A clock that was put back would make an answer of the past the present one.
    if (cached === undefined || Math.abs(now() - cached.at) >= CACHE_MS) {
      cached = { at: now(), answer: ask() };
    }
    const answer = await cached.answer;
    const phase = state();
    if (phase === "running") return answer;
    return { ready: false, dependencies: { ...answer.dependencies, app: phase } };
  };
}

async function status(probe: Probe): Promise<string> {
  const word = probe.essential === false ? "degraded" : "down";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`${word}: no answer in 1 s`), PROBE_TIMEOUT_MS);
  });
  const asked = probe.check().then(
    () => "up",
    (error: unknown) => `${word}: ${error instanceof Error ? error.message : String(error)}`,
  );
  const answer = await Promise.race([asked, late]);
  clearTimeout(timer);
  return answer;
}
