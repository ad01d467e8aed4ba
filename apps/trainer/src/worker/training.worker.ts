import { parentPort, workerData } from "node:worker_threads";

import { createKeyRing, signArtefact } from "@signalpath/model-loader";
import type { Fitted } from "@signalpath/models";

import { createCollector } from "./collect.ts";
import type { FromTraining, Outcome, Signing, ToTraining, TrainingJob } from "./messages.ts";
import { train } from "./training.ts";

const job = workerData as TrainingJob;
const collector = createCollector(job.maxRows);
let trained: { outcome: Outcome; fitted: Fitted } | undefined;

function send(message: FromTraining): void {
  parentPort?.postMessage(message, []);
}

async function answer(message: ToTraining): Promise<void> {
  if (message.what === "rows") {
    collector.add(message.rows, message.anonymous);
    send({ what: "took" });
  } else if (message.what === "train") {
    trained = await train(collector.build(), job, {
      progress: (stage, fraction, checkpoint) =>
        send({
          what: "progress",
          stage,
          fraction,
          ...(checkpoint === undefined ? {} : { checkpoint }),
        }),
      log: (level, text) => send({ what: "log", level, message: text }),
      now: () => performance.now(),
    });
    send({ what: "trained", outcome: trained.outcome });
  } else {
    sign(message.as);
  }
}

/** Here, since hashing a large artefact would hold up whoever answers requests. */
function sign({ data_digest, ...as }: Signing): void {
  if (trained === undefined) throw new Error("nothing was trained yet");
  const { outcome, fitted } = trained;
  const { metadata, tensors } = fitted.kind.encode(fitted.model);
  const { evaluation } = outcome;
  const signed = signArtefact(
    {
      metadata: {
        ...as,
        kind: outcome.kind,
        data_digest,
        rows: outcome.rows,
        hyperparameters: metadata.hyperparameters,
        metrics: { ...outcome.metrics, ...(evaluation === undefined ? {} : { evaluation }) },
      },
      tensors,
    },
    createKeyRing(job.signing),
  );
  const { file, sha256 } = signed.row;
  send({ what: "signed", bytes: signed.bytes, file, sha256 });
}

parentPort?.on("message", (message: ToTraining) => {
  answer(message).catch((error: unknown) => {
    const { code, message: text, stack } = error as Error & { code?: unknown };
    const known = typeof code === "string";
    send({
      what: "failed",
      code: known ? code : "INTERNAL",
      message: known ? text : (stack ?? text),
    });
  });
});
