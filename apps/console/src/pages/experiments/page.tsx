import { usePageId } from "../../ui/use-page-id.ts";
import { ExperimentPage } from "./experiment-page.tsx";
import { Overview } from "./overview.tsx";

/** `/experiments`: all of them and the tools; `/experiments/<id>`: one. */
export function Page() {
  const id = usePageId();
  return id === undefined ? <Overview /> : <ExperimentPage id={id} />;
}
