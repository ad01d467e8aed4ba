import { useState } from "react";

import { ApiError } from "../../api/api-error.ts";
import { curl } from "../../ui/curl.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { strings } from "../../strings.ts";
import { CreateKey } from "./create-key.tsx";
import { KeyTable } from "./key-table.tsx";
import { MadeKey } from "./made-key.tsx";
import { Projects } from "./projects.tsx";
import { useKeys, useProjects } from "./queries.ts";
import { words } from "./strings.ts";

/** Keys and projects, for whoever signed in with an admin key. */
export function Page() {
  const keys = useKeys();
  const projects = useProjects();
  const [made, setMade] = useState<string>();
  const isForbidden = keys.error instanceof ApiError && keys.error.status === 403;
  return (
    <Frame title={words.title} question={words.question}>
      {isForbidden ? (
        <EmptyState
          title={strings.forbidden("admin")}
          text={words.forbidden}
          command={curl("/api/v1/api_keys/")}
        />
      ) : (
        <>
          {made !== undefined && <MadeKey text={made} onDone={() => setMade(undefined)} />}
          <Loaded query={projects} height={260}>
            {({ results }) => <CreateKey projects={results} onMade={setMade} />}
          </Loaded>
          <Loaded query={keys} height={320}>
            {({ results }) => (
              <KeyTable keys={results} projects={projects.data?.results ?? []} onMade={setMade} />
            )}
          </Loaded>
          <Loaded query={projects}>{({ results }) => <Projects all={results} />}</Loaded>
        </>
      )}
    </Frame>
  );
}
