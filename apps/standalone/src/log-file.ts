import { closeSync, openSync, renameSync, statSync, writeSync } from "node:fs";

/** The log starts a new file behind this size; one old file is kept, bytes. */
const MAX_BYTES = 20 * 1024 * 1024;

export interface LogFile {
  write: (line: string) => void;
  close(): Promise<void>;
}

/** Appends lines to a file that never grows past twice `maxBytes`. Written at once: a crash loses none. */
export function openLogFile(path: string, maxBytes = MAX_BYTES): LogFile {
  let file = openSync(path, "a", 0o600);
  let size = statSync(path).size;

  function turnOver(): void {
    closeSync(file);
    renameSync(path, `${path}.1`);
    file = openSync(path, "a", 0o600);
    size = 0;
  }
  return {
    write(line) {
      if (size > maxBytes) turnOver();
      size += writeSync(file, line);
    },
    async close() {
      closeSync(file);
    },
  };
}
