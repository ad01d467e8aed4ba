import { strings } from "../strings.ts";

/** Holds the place of what is coming, so that nothing moves when it is there. */
export function Loading({ lines = 4, height }: { lines?: number; height?: number }) {
  return (
    <div className="stack" role="status" aria-label={strings.loading}>
      {height === undefined ? (
        Array.from({ length: lines }, (_, line) => (
          <div key={line} className="skeleton" style={{ height: 20 }} />
        ))
      ) : (
        <div className="skeleton" style={{ height }} />
      )}
    </div>
  );
}
