import { usePageId } from "../../ui/use-page-id.ts";
import { ModelPage } from "./model-page.tsx";
import { Overview } from "./overview.tsx";

/** `/models`: what serves; `/models/3`: one model. */
export function Page() {
  const id = usePageId();
  return id === undefined ? <Overview /> : <ModelPage id={id} />;
}
