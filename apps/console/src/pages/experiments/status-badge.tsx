import { Badge, type Tone } from "../../ui/badge.tsx";
import type { Experiment } from "./queries.ts";

const TONES: Readonly<Record<Experiment["status"], Tone>> = {
  draft: "plain",
  running: "accent",
  stopped: "warn",
  archived: "plain",
};

/** Where an experiment stands. */
export function StatusBadge({ status }: { status: Experiment["status"] }) {
  return <Badge tone={TONES[status]}>{status}</Badge>;
}
