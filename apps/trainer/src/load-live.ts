import { createThreadChecker, createKeyRing, openArtefact } from "@signalpath/model-loader";

import type { Context } from "./context.ts";
import type { LiveModel } from "./worker/messages.ts";

/**
 * The version of a model that serves, verified as a gateway verifies it; undefined when none does,
 * or when it cannot be loaded: that is logged, and no gateway could load it either.
 */
export async function loadLive(
  { modelCatalogue, modelFiles, signing, options }: Context,
  modelId: number,
  log: (level: "warn", message: string) => void,
): Promise<LiveModel | undefined> {
  const model = await modelCatalogue.get(modelId);
  const version = model?.version ?? null;
  if (version === null) return undefined;
  const row = await modelCatalogue.version(modelId, version);
  if (row === undefined) return undefined;
  const checker = createThreadChecker();
  try {
    const { metadata, tensors } = await openArtefact(
      { ...row, model_id: row.trained_model_id },
      {
        files: modelFiles.reader,
        ring: createKeyRing(signing),
        checker,
        maxBytes: options.memoryLimitBytes,
      },
    );
    const dataTo = row.data_to === null ? undefined : Date.parse(row.data_to);
    return { version, metadata, tensors, ...(dataTo === undefined ? {} : { dataTo }) };
  } catch (error) {
    log("warn", `version ${version} serves and cannot be read: ${(error as Error).message}`);
    return undefined;
  } finally {
    await checker.close();
  }
}
