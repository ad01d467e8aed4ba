/** Tensor dtypes of an artefact and the typed array each is viewed as, little-endian. */
export const MODEL_DTYPES = {
  F64: Float64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
} as const;
export type ModelDtype = keyof typeof MODEL_DTYPES;
/** Over memory of its own or shared with threads. */
export type ModelTensorData =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

export interface ModelTensor {
  /** Row-major; the product is `data.length`; `[]` is one number. */
  shape: readonly number[];
  data: ModelTensorData;
  /**
   * Of the columns of a sparse matrix in a loaded file: they were found to ascend within each row, the
   * rows to span them, and all to be below this. Whoever reads it need not look at them again.
   */
  columnsBelow?: number;
}

/** What the header of an artefact says about it. */
export interface ModelMetadata {
  /** Name of a scorer, `[a-z0-9-]`, 1..32 characters. */
  kind: string;
  model_id: number;
  project_id: number;
  version: number;
  /** ISO 8601, UTC. */
  created_at: string;
  /** SHA-256 of the training data, 64 hex digits. */
  data_digest: string;
  /** Rows it was fitted on. */
  rows: number;
  hyperparameters: Readonly<Record<string, unknown>>;
  metrics: Readonly<Record<string, unknown>>;
  /** Name of the space its item vectors live in, when it has any. */
  embedding_space?: string;
  /** `<model_id>/<version>` of the model it was fitted from. */
  parent?: string;
  /** Version of the trainer's source. */
  git_version?: string;
}

/** A checked artefact: typed-array views over one buffer, nothing copied. */
export interface ModelView {
  metadata: ModelMetadata;
  tensors: ReadonlyMap<string, ModelTensor>;
}
