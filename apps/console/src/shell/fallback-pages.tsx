import type { ErrorComponentProps } from "@tanstack/react-router";

import { strings } from "../strings.ts";
import { CodeBlock } from "../ui/code-block.tsx";
import { curl } from "../ui/curl.ts";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorState } from "../ui/error-state.tsx";
import { Page } from "../ui/page.tsx";
import type { PageEntry } from "./pages.ts";

/** A page that is in the navigation and not built yet: says so, and which call answers meanwhile. */
export function AbsentPage({ page }: { page: PageEntry }) {
  return (
    <Page title={page.title} question={page.question}>
      <EmptyState title={strings.absentPage.tag} text={strings.absentPage.text}>
        <CodeBlock text={curl(page.call)} />
      </EmptyState>
    </Page>
  );
}

export function MissingPage() {
  return (
    <Page title={strings.notFound.title}>
      <p>{strings.notFound.text}</p>
    </Page>
  );
}

/** What a page shows that threw while it was drawn. */
export function CrashedPage({ error, reset }: ErrorComponentProps) {
  return (
    <Page title={strings.crashed}>
      <ErrorState error={error} onRetry={reset} />
    </Page>
  );
}
