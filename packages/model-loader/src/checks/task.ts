import type { ModelFileCode } from "@signalpath/contracts";

/** A stretch of a file, bytes. */
export interface Span {
  at: number;
  bytes: number;
}

export interface FloatSpan extends Span {
  name: string;
  dtype: "F32" | "F64";
}

export interface StringSpans {
  name: string;
  bytes: Span;
  /** U32 numbers, aligned. */
  offsets: Span;
  /** Strictly ascending by bytes. */
  ascending: boolean;
}

/** Entries by rows: columns ascend within a row and are below `columns`. */
export interface SparseSpans {
  name: string;
  /** U32 numbers, aligned. */
  indptr: Span;
  items: Span;
  columns: number;
}

/** What takes long on a large file. Positions count from the begin of the buffer. */
export type CheckTask =
  | { what: "digests"; file: Span; payload: Span }
  | { what: "hmac"; payload: Span; secrets: readonly string[]; signature: Span }
  | {
      what: "numbers";
      floats: readonly FloatSpan[];
      strings: readonly StringSpans[];
      sparse: readonly SparseSpans[];
    };

export interface Digests {
  /** SHA-256, 32 bytes. */
  file: Uint8Array;
  payload: Uint8Array;
}

export interface Fault {
  code: ModelFileCode;
  message: string;
}

export interface CheckAnswers {
  digests: Digests;
  /** Whether one of the secrets made the signature. */
  hmac: boolean;
  /** The first thing wrong, or nothing. */
  numbers: Fault | undefined;
}
