import { blend } from "./kinds/blend/blend.ts";
import { ease } from "./kinds/ease/ease.ts";
import { ials } from "./kinds/ials/ials.ts";
import { itemKnn } from "./kinds/item-knn/item-knn.ts";
import { popular } from "./kinds/popular/popular.ts";
import { rp3beta } from "./kinds/rp3beta/rp3beta.ts";
import type { ModelKind } from "./kind/types.ts";

/** Any kind, for those who know it by name only. */
export type AnyModelKind = ModelKind<object, unknown>;

/** Kinds by the name that artefacts and the catalogue carry. */
export const modelKinds: Readonly<Record<string, AnyModelKind>> = Object.freeze(
  Object.fromEntries(
    ([popular, itemKnn, rp3beta, ease, ials, blend] as AnyModelKind[]).map((kind) => [
      kind.name,
      kind,
    ]),
  ),
);
