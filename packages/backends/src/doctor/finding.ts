/** One thing that is right, doubtful or wrong about a deployment. */
export interface Finding {
  about: "configuration" | "nats" | "redis" | "postgres" | "keys";
  /** refused: with NODE_ENV=production a service does not start. */
  verdict: "ok" | "warning" | "refused";
  /** One sentence, with what to do about it. */
  what: string;
}

/** Lines for an error that stops a start. */
export function reasonsOf(findings: readonly Finding[]): string[] {
  return findings
    .filter(({ verdict }) => verdict === "refused")
    .map(({ about, what }) => `${about}: ${what}`);
}
