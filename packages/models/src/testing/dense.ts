import { stringCount } from "@signalpath/contracts";

import type { Interactions } from "../interactions/types.ts";

/** Users x items as plain rows of numbers. */
export function denseOf({ matrix, users, items }: Interactions): number[][] {
  return Array.from({ length: stringCount(users) }, (_, user) => {
    const row = Array.from({ length: stringCount(items) }, () => 0);
    for (let at = matrix.indptr[user]!; at < matrix.indptr[user + 1]!; at++) {
      row[matrix.indices[at]!] = matrix.values[at]!;
    }
    return row;
  });
}

export function transposed(a: number[][]): number[][] {
  return (a[0] ?? []).map((_, j) => a.map((row) => row[j]!));
}

export function times(a: number[][], b: number[][]): number[][] {
  const columns = transposed(b);
  return a.map((row) => columns.map((column) => dot(row, column)));
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, at) => sum + value * b[at]!, 0);
}

/** Solution of A x = b by elimination with the largest pivot. */
export function solved(a: number[][], b: readonly number[]): number[] {
  const rows = a.map((row, at) => [...row, b[at]!]);
  const n = rows.length;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k; i < n; i++) {
      if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i;
    }
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = rows[i]![k]! / rows[k]![k]!;
      for (let j = k; j <= n; j++) rows[i]![j]! -= factor * rows[k]![j]!;
    }
  }
  return rows.map((row, i) => row[n]! / row[i]!);
}

export function inverted(a: number[][]): number[][] {
  return transposed(
    a.map((_, i) =>
      solved(
        a,
        a.map((_, j) => (i === j ? 1 : 0)),
      ),
    ),
  );
}
