import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  type AnyRoute,
} from "@tanstack/react-router";

import { Loading } from "../ui/loading.tsx";
import { AbsentPage, CrashedPage, MissingPage } from "./fallback-pages.tsx";
import { Layout } from "./layout.tsx";
import { PAGES, type PageEntry } from "./pages.ts";

/** Routes of all pages. Each page's code is a file of its own, loaded when it is opened. */
export function createConsoleRouter() {
  const root = createRootRoute({ component: Layout, notFoundComponent: MissingPage });
  const home = createRoute({
    getParentRoute: () => root,
    path: "/",
    beforeLoad: () => {
      throw redirect({ to: `/${PAGES[0]?.name ?? ""}`, replace: true });
    },
  });
  return createRouter({
    routeTree: root.addChildren([home, ...PAGES.map((page) => routeOf(root, page))]),
    defaultPendingComponent: () => <Loading lines={6} />,
    defaultErrorComponent: CrashedPage,
    defaultPreload: "intent",
    scrollRestoration: true,
  });
}

/** A page answers its own name and everything below it; it reads the rest by `usePagePath`. */
function routeOf(root: AnyRoute, page: PageEntry): AnyRoute {
  const { load } = page;
  return createRoute({
    getParentRoute: () => root,
    path: `${page.name}/{-$id}`,
    component:
      load === undefined ? () => <AbsentPage page={page} /> : lazyRouteComponent(load, "Page"),
  });
}
