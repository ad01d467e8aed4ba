export interface ReadModelFile {
  /** Larger files are refused before a byte is read. */
  maxBytes: number;
  /**
   * Given the first bytes of the file (at most 512), the position that is to lie at a multiple of
   * 64 of the buffer, so that typed arrays can be laid over what follows. Absent: position 0.
   */
  alignAt?: (head: Uint8Array) => number;
}

/**
 * Reads artefacts below one root. A path is relative, its parts divided by `/`; `..`, links and
 * whatever is no regular file are refused (ModelFileError). A store that cannot be asked throws
 * UnavailableError. Nothing here writes.
 */
export interface ModelFileReader {
  /** Throws MODEL_FILE_MISSING, MODEL_PATH_REFUSED. */
  stat(path: string): Promise<{ bytes: number }>;
  /**
   * The whole file, read once into shared memory that nobody else holds. Throws as `stat`,
   * MODEL_TOO_LARGE, and MODEL_FILE_CHANGED when its size is not what it was at the begin.
   */
  read(path: string, options: ReadModelFile): Promise<Uint8Array<SharedArrayBuffer>>;
  /** Throws UnavailableError when the root cannot be read. */
  check(): Promise<void>;
}

/** Writes artefacts, which never change: a path once written keeps its bytes. */
export interface ModelFileWriter {
  /**
   * All or nothing: a reader sees no file or the whole of it, also after a crash. Writing the same
   * bytes again is fine; other bytes under a path that exists throw RefusedError.
   */
  write(path: string, bytes: Uint8Array): Promise<void>;
}
