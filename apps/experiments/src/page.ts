/** A page of rows: `next` and `previous` are paths with their query, or null at the ends. */
export interface Page<T> {
  count: number;
  next: string | null;
  previous: string | null;
  results: T[];
}

export interface PageRequest {
  /** From 1. */
  page: number;
  page_size: number;
}

/** Where a page lies in all rows. */
export const spanOf = ({ page, page_size }: PageRequest): { offset: number; limit: number } => ({
  offset: (page - 1) * page_size,
  limit: page_size,
});

/** @param filters what the neighbouring pages keep; undefined is left out. */
export function pageOfRows<Row, T>(
  path: string,
  { page, page_size }: PageRequest,
  filters: Readonly<Record<string, string | number | undefined>>,
  { count, rows }: { count: number; rows: readonly Row[] },
  show: (row: Row) => T,
): Page<T> {
  const linkTo = (to: number): string => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...filters, page: to, page_size })) {
      if (value !== undefined) query.set(name, String(value));
    }
    return `${path}?${query.toString()}`;
  };
  const last = Math.max(1, Math.ceil(count / page_size));
  return {
    count,
    next: page < last ? linkTo(page + 1) : null,
    previous: page > 1 ? linkTo(Math.min(page - 1, last)) : null,
    results: rows.map(show),
  };
}
