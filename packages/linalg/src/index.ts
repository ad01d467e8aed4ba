export {
  choleskyFactor,
  choleskySolve,
  spdInverseSmall,
  type CholeskyFactor,
} from "./cholesky-solve.ts";
export { LinalgError, type LinalgErrorCode } from "./errors.ts";
export { gram, type WorkOptions } from "./gram.ts";
export { type Arithmetic } from "./kernel/scratch.ts";
export { createArena, type Arena } from "./kernel/arena.ts";
export { openWorker } from "./pool/open-worker.ts";
export {
  createLinalgPool,
  createTaskPool,
  type LinalgPool,
  type RunOptions,
  type TaskPool,
} from "./pool/pool.ts";
export { serveTasks } from "./pool/serve.ts";
export { sharedF32, sharedF64, sharedI8, sharedU32 } from "./pool/shared.ts";
export { LINALG_TASKS } from "./pool/tasks.ts";
export { productRows, type SparseProduct } from "./product-rows.ts";
export { ridgeRows, ridgeSystem, type RidgeArgs } from "./ridge-rows.ts";
export { scan } from "./scan.ts";
export { sgemm } from "./sgemm.ts";
export { transpose, type SparseRows } from "./sparse.ts";
export { spdInverse } from "./spd-inverse.ts";
export { addSquaredRows } from "./squared-rows.ts";
export { topK } from "./top-k.ts";
