import { useEffect, type ReactNode } from "react";

import { strings } from "../strings.ts";

interface PageProps {
  title: string;
  /** The question this page answers. */
  question?: string;
  /** Controls beside the title. */
  actions?: ReactNode;
  children: ReactNode;
}

/** Frame of a page: its one main heading, the question it answers, its title in the tab. */
export function Page({ title, question, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} - ${strings.product}`;
  }, [title]);
  return (
    <main className="page">
      <header>
        <div>
          <h1>{title}</h1>
          {question !== undefined && <p>{question}</p>}
        </div>
        {actions !== undefined && <div className="row row-end">{actions}</div>}
      </header>
      {children}
    </main>
  );
}
