import { formatAgo, formatTime, zoneName } from "./format.ts";

/**
 * A time in the reader's zone, which is named; the machine's form is in `datetime`.
 * @param value ISO 8601 or milliseconds
 * @param ago how long ago instead; the full time is in the title.
 */
export function Time({ value, ago = false }: { value: string | number; ago?: boolean }) {
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) return <span>{String(value)}</span>;
  const full = `${formatTime(at)} ${zoneName()}`;
  return (
    <time dateTime={at.toISOString()} title={full}>
      {ago ? formatAgo(Date.now() - at.getTime()) : full}
    </time>
  );
}
