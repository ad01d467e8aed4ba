import { Badge, type Tone } from "../../ui/badge.tsx";
import type { Run } from "./metrics.ts";

const TONES: Readonly<Record<Run["status"], Tone>> = {
  PENDING: "plain",
  RUNNING: "accent",
  COMPLETED: "good",
  FAILED: "bad",
  CANCELLED: "warn",
};

/** Where a training stands. */
export function StatusBadge({ status }: { status: Run["status"] }) {
  return <Badge tone={TONES[status]}>{status.toLowerCase()}</Badge>;
}
