import { mkdir } from "node:fs/promises";

import { createFileModelReader, createFileModelWriter } from "@signalpath/adapter-files";
import { UnavailableError, type ModelFileReader, type ModelFileWriter } from "@signalpath/ports";

/**
 * Opens the folder of model artefacts, MEDIA_ROOT. Whoever may write makes it; a reader finds it
 * missing until then (`check` says so).
 * @throws UnavailableError when it cannot be made.
 */
export async function openModelFiles(
  root: string,
  { writes }: { writes: boolean },
): Promise<{ reader: ModelFileReader; writer: ModelFileWriter }> {
  if (writes) {
    try {
      await mkdir(root, { recursive: true, mode: 0o750 });
    } catch (cause) {
      throw new UnavailableError("model_files", "the folder of models cannot be made", { cause });
    }
  }
  return { reader: createFileModelReader(root), writer: createFileModelWriter(root) };
}
