/** A page of an administration resource. */
export interface Page<T> {
  count: number;
  /** Paths with their query, or null at the ends. */
  next: string | null;
  previous: string | null;
  results: T[];
}

export interface PageRequest {
  /** From 1. */
  page: number;
  page_size: number;
}

/** Rows before a page. */
export function offsetOf({ page, page_size }: PageRequest): number {
  return (page - 1) * page_size;
}

/** @param filters query parameters that the neighbouring pages keep. */
export function pageOfRows<T>(
  path: string,
  request: PageRequest,
  filters: Readonly<Record<string, string>>,
  rows: { count: number; results: T[] },
): Page<T> {
  const linkTo = (page: number): string => {
    const query = new URLSearchParams({
      ...filters,
      page: String(page),
      page_size: String(request.page_size),
    });
    return `${path}?${query.toString()}`;
  };
  const last = Math.max(1, Math.ceil(rows.count / request.page_size));
  return {
    count: rows.count,
    next: request.page < last ? linkTo(request.page + 1) : null,
    previous: request.page > 1 ? linkTo(Math.min(request.page - 1, last)) : null,
    results: rows.results,
  };
}
