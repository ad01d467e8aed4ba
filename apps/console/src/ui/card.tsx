import type { ReactNode } from "react";

interface CardProps {
  title: string;
  /** What the figures mean, in one line. */
  about?: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** A titled part of a page. */
export function Card({ title, about, actions, children }: CardProps) {
  return (
    <section className="card" aria-label={title}>
      <div className="row spread">
        <div>
          <h2>{title}</h2>
          {about !== undefined && <p className="muted small">{about}</p>}
        </div>
        {actions !== undefined && <div className="row row-end">{actions}</div>}
      </div>
      {children}
    </section>
  );
}
