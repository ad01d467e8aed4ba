import type { ModelView } from "@signalpath/contracts";

import { contentLtr } from "./kinds/content-ltr/content-ltr.ts";
import { modelKinds } from "./registry.ts";

/** Every kind an artefact may be of, as far as opening it goes: recommenders and rankers. */
export const artefactKinds: Readonly<Record<string, { decode(view: ModelView): unknown }>> =
  Object.freeze({ ...modelKinds, [contentLtr.name]: contentLtr });
