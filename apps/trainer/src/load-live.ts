import { ModelFileError, type ModelFileCode } from "@signalpath/contracts";
import { createThreadChecker, createKeyRing, openArtefact } from "@signalpath/model-loader";
import type { LiveModel } from "@signalpath/models";

import type { Context } from "./context.ts";
import { retrying } from "./retrying.ts";

/** What is this trainer's trouble: a gateway with other limits or keys may well serve the file. */
const OWN_TROUBLE = new Set<ModelFileCode>([
  "MODEL_TOO_LARGE",
  "MODEL_CHECK_FAILED",
  "MODEL_KEY_UNKNOWN",
]);

interface Serving {
  /** What a new version is compared with. */
  live?: LiveModel;
  /** The version that serves by its row, whose file no gateway can load. */
  damaged?: number;
}

/**
 * The version of a model that serves, verified as a gateway verifies it; neither when none does, or
 * when only this trainer cannot load it. What cannot be loaded is logged.
 * @throws UnavailableError when tables or files stay away.
 */
export async function loadLive(
  { modelCatalogue, modelFiles, signing, options }: Context,
  modelId: number,
  { log, signal }: { log: (level: "warn", message: string) => void; signal: AbortSignal },
): Promise<Serving> {
  const again = { pausesMs: options.retryPausesMs, signal };
  const model = await retrying(() => modelCatalogue.get(modelId), again);
  const version = model?.version ?? null;
  if (version === null) return {};
  const row = await retrying(() => modelCatalogue.version(modelId, version), again);
  if (row === undefined) return {};
  const checker = createThreadChecker();
  try {
    const from = {
      files: modelFiles.reader,
      ring: createKeyRing(signing),
      checker,
      maxBytes: options.memoryLimitBytes,
    };
    const asked = { ...row, model_id: row.trained_model_id };
    const { metadata, tensors } = await retrying(() => openArtefact(asked, from), again);
    const dataTo = row.data_to === null ? {} : { dataTo: Date.parse(row.data_to) };
    return { live: { version, metadata, tensors, ...dataTo } };
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    log("warn", `version ${version} serves and cannot be read: ${error.message}`);
    return OWN_TROUBLE.has(error.code) ? {} : { damaged: version };
  } finally {
    await checker.close();
  }
}
