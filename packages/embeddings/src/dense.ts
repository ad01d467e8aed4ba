/** Dense matrices are row-major float64. */

/** A' A of an n x d matrix, d x d; `weights` (n) counts each row so often. */
export function gramOf(matrix: Float64Array, d: number, weights?: Float64Array): Float64Array {
  const gram = new Float64Array(d * d);
  const n = matrix.length / d;
  for (let row = 0; row < n; row++) {
    const weight = weights?.[row] ?? 1;
    const at = row * d;
    for (let i = 0; i < d; i++) {
      const scaled = weight * matrix[at + i]!;
      if (scaled === 0) continue;
      for (let j = i; j < d; j++) gram[i * d + j]! += scaled * matrix[at + j]!;
    }
  }
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) gram[i * d + j] = gram[j * d + i]!;
  return gram;
}

/**
 * Columns of an n x k matrix made orthonormal in place (Gram-Schmidt, twice); lost ones become 0.
 * @param turn called between columns.
 */
export async function orthonormalise(
  matrix: Float64Array,
  k: number,
  turn: () => Promise<void>,
): Promise<void> {
  const n = matrix.length / k;
  const dot = (a: number, b: number) => {
    let sum = 0;
    for (let row = 0; row < n; row++) sum += matrix[row * k + a]! * matrix[row * k + b]!;
    return sum;
  };
  for (let column = 0; column < k; column++) {
    await turn();
    const before = Math.sqrt(dot(column, column));
    for (let other = 0; other < 2 * column; other++) {
      const from = other % column;
      const share = dot(column, from);
      for (let row = 0; row < n; row++) {
        matrix[row * k + column]! -= share * matrix[row * k + from]!;
      }
    }
    const length = Math.sqrt(dot(column, column));
    // What rounding leaves of a dependent column is no direction.
    const scale = length > 1e-10 * before ? 1 / length : 0;
    for (let row = 0; row < n; row++) matrix[row * k + column]! *= scale;
  }
}

const MAX_SWEEPS = 60;

/**
 * Eigenvalues (descending) and eigenvectors (columns of k x k) of a symmetric matrix, by cyclic
 * Jacobi rotations (Golub and Van Loan, "Matrix Computations", 4th ed., 8.5).
 */
export function symmetricEigen(
  symmetric: Float64Array,
  k: number,
): { values: Float64Array; vectors: Float64Array } {
  const a = symmetric.slice();
  const v = new Float64Array(k * k);
  for (let i = 0; i < k; i++) v[i * k + i] = 1;
  const total = a.reduce((sum, x) => sum + x * x, 0);
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let off = 0;
    for (let p = 0; p < k; p++) for (let q = p + 1; q < k; q++) off += a[p * k + q]! ** 2;
    if (off <= 1e-24 * total) break;
    for (let p = 0; p < k; p++) for (let q = p + 1; q < k; q++) rotate(a, v, k, p, q);
  }
  const order = Array.from({ length: k }, (_, i) => i).sort(
    (i, j) => a[j * k + j]! - a[i * k + i]! || i - j,
  );
  const vectors = new Float64Array(k * k);
  order.forEach((from, to) => {
    for (let row = 0; row < k; row++) vectors[row * k + to] = v[row * k + from]!;
  });
  return { values: Float64Array.from(order, (i) => a[i * k + i]!), vectors };
}

function rotate(a: Float64Array, v: Float64Array, k: number, p: number, q: number): void {
  const apq = a[p * k + q]!;
  if (apq === 0) return;
  const theta = (a[q * k + q]! - a[p * k + p]!) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  const turn = (m: Float64Array, x: number, y: number) => {
    const mx = m[x]!;
    const my = m[y]!;
    m[x] = c * mx - s * my;
    m[y] = s * mx + c * my;
  };
  for (let i = 0; i < k; i++) turn(a, i * k + p, i * k + q);
  for (let i = 0; i < k; i++) turn(a, p * k + i, q * k + i);
  for (let i = 0; i < k; i++) turn(v, i * k + p, i * k + q);
}
