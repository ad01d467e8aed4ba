import type { ReactNode } from "react";

import { CodeBlock } from "./code-block.tsx";

interface EmptyStateProps {
  title: string;
  /** What to do next. */
  text: string;
  /** A command that fills the place; see `curl`. */
  command?: string;
  children?: ReactNode;
}

/** What stands where there is nothing yet: what to do next, with a command that does it. */
export function EmptyState({ title, text, command, children }: EmptyStateProps) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      <p className="muted">{text}</p>
      {command !== undefined && <CodeBlock text={command} />}
      {children}
    </div>
  );
}
