import {
  createSortedRowModel,
  rowSortingFeature,
  sortFns,
  tableFeatures,
  useTable,
  type ColumnDef,
  type Row,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, type ReactNode } from "react";

import { strings } from "../strings.ts";

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns,
});
type Features = typeof features;

/** Below this many rows all are drawn; above it only those in view. */
const VIRTUAL_FROM = 100;
const ROW_HEIGHT = 37;

export interface Column<T> {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** What the column is sorted by; absent = it is not sortable. */
  sortBy?: (row: T) => string | number;
  isNumber?: boolean;
}

interface TableProps<T> {
  /** Says what the rows are; read aloud, not shown. */
  label: string;
  /** Kept outside of the component or memoised. */
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  /** Height at most, pixels. */
  height?: number;
  isPicked?: (row: T) => boolean;
  /** Shown when there is no row. */
  empty?: ReactNode;
}

/** A sortable table of any length: only the rows in view are drawn, the frame scrolls. */
export function Table<T>(props: TableProps<T>) {
  const { columns, rows, keyOf, label, height = 560, isPicked } = props;
  const frame = useRef<HTMLDivElement>(null);
  const definitions = useMemo(() => columns.map((column) => definitionOf(column)), [columns]);
  const data = useMemo(() => rows.map((row) => ({ row })), [rows]);
  const table = useTable({
    features,
    columns: definitions,
    data,
    getRowId: ({ row }) => keyOf(row),
  });
  const sorted = table.getRowModel().rows;
  const isVirtual = sorted.length > VIRTUAL_FROM;
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    enabled: isVirtual,
  });
  if (rows.length === 0) return <>{props.empty ?? <p className="muted">{strings.noRows}</p>}</>;
  const drawn = isVirtual ? virtual.getVirtualItems() : undefined;
  const before = drawn?.[0]?.start ?? 0;
  const after = drawn === undefined ? 0 : virtual.getTotalSize() - (drawn.at(-1)?.end ?? 0);
  const shown = drawn === undefined ? sorted : drawn.flatMap(({ index }) => sorted[index] ?? []);
  return (
    // A frame that scrolls must be reachable by keyboard.
    <div
      className="table-frame"
      ref={frame}
      role="region"
      aria-label={label}
      tabIndex={0}
      style={{ maxHeight: height }}
    >
      <table className="table" aria-rowcount={sorted.length + 1}>
        <caption className="visually-hidden">{label}</caption>
        <thead>
          <tr>
            {table.getFlatHeaders().map(({ column }) => (
              <Header key={column.id} column={column} of={columns} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap height={before} columns={columns.length} />
          {shown.map((row) => (
            <BodyRow
              key={row.id}
              row={row}
              columns={columns}
              isPicked={isPicked?.(row.original.row) === true}
              measure={isVirtual ? virtual.measureElement : undefined}
            />
          ))}
          <Gap height={after} columns={columns.length} />
        </tbody>
      </table>
    </div>
  );
}

interface Boxed<T> {
  row: T;
}

function definitionOf<T>(column: Column<T>): ColumnDef<Features, Boxed<T>> {
  const { id, sortBy } = column;
  return {
    id,
    accessorFn: ({ row }) => sortBy?.(row),
    enableSorting: sortBy !== undefined,
    sortFn: column.isNumber === true ? "basic" : "alphanumeric",
  };
}

interface HeaderProps {
  column: {
    id: string;
    getCanSort(): boolean;
    getIsSorted(): false | "asc" | "desc";
    toggleSorting(): void;
  };
  of: readonly { id: string; header: string; isNumber?: boolean }[];
}

function Header({ column, of }: HeaderProps) {
  const spec = of.find(({ id }) => id === column.id);
  const sorted = column.getIsSorted();
  const order = sorted === "asc" ? "ascending" : "descending";
  return (
    <th
      scope="col"
      className={spec?.isNumber === true ? "number" : ""}
      {...(sorted === false ? {} : { "aria-sort": order })}
    >
      {column.getCanSort() ? (
        <button type="button" onClick={() => column.toggleSorting()}>
          {spec?.header} {sorted === false ? "" : sorted === "asc" ? "▲" : "▼"}
        </button>
      ) : (
        spec?.header
      )}
    </th>
  );
}

interface BodyRowProps<T> {
  row: Row<Features, Boxed<T>>;
  columns: readonly Column<T>[];
  isPicked: boolean;
  measure: ((element: Element | null) => void) | undefined;
}

function BodyRow<T>({ row, columns, isPicked, measure }: BodyRowProps<T>) {
  return (
    <tr ref={measure} data-index={row.index} {...(isPicked ? { "data-picked": "" } : {})}>
      {columns.map(({ id, cell, isNumber }) => (
        <td key={id} className={isNumber === true ? "number" : ""}>
          {cell(row.original.row)}
        </td>
      ))}
    </tr>
  );
}

/** Height of the rows that are not drawn. */
function Gap({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      <td colSpan={columns} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}
