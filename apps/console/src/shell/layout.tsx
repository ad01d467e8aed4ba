import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";

import { useSession } from "../api/use-api.ts";
import { strings } from "../strings.ts";
import icon from "../styles/icon.svg";
import { Button } from "../ui/button.tsx";
import { Select } from "../ui/select.tsx";
import { PAGES, type PageEntry } from "./pages.ts";
import { chooseTheme, THEMES, useTheme } from "./theme.ts";

// What asks the API is no part of the first load.
const FirstVisit = lazy(() =>
  import("./first-visit.tsx").then((file) => ({ default: file.FirstVisit })),
);
const Lacking = lazy(() => import("./who.tsx").then((file) => ({ default: file.Lacking })));
const Who = lazy(() => import("./who.tsx").then((file) => ({ default: file.Who })));
const GROUPS: readonly PageEntry["group"][] = ["Now", "Ranking", "Administration"];

/** What surrounds every page: the way to all others, theme, and who is signed in. */
export function Layout() {
  const [isOpen, setOpen] = useState(false);
  const { signOut } = useSession();
  const theme = useTheme();
  return (
    <div className="shell">
      <a className="skip" href="#page">
        {strings.skip}
      </a>
      <div className="side" {...(isOpen ? { "data-open": "" } : {})}>
        <div className="brand">
          <img src={icon} alt="" />
          {strings.product}
          <Button
            className="menu-button"
            aria-expanded={isOpen}
            aria-controls="pages"
            onPress={() => setOpen(!isOpen)}
          >
            {strings.menu}
          </Button>
        </div>
        <nav id="pages" aria-label={strings.navigation}>
          {GROUPS.map((group) => (
            <div key={group}>
              <h2>{group}</h2>
              <ul>
                {PAGES.filter((page) => page.group === group).map((page) => (
                  <li key={page.name}>
                    <PageLink page={page} onFollow={() => setOpen(false)} />
                  </li>
                ))}
              </ul>
            </div>
          ))}
        </nav>
        <div className="side-foot">
          <Select
            label={strings.theme}
            value={theme}
            options={THEMES.map((value) => ({ value, label: strings.themes[value] }))}
            onChange={chooseTheme}
          />
          <a href="/docs" className="small">
            {strings.apiReference}
          </a>
          <Suspense>
            <Who />
          </Suspense>
          <Button onPress={signOut}>{strings.signOut}</Button>
        </div>
      </div>
      <div id="page" tabIndex={-1}>
        <div className="above">
          <Suspense>
            <FirstVisit />
            <Lacking />
          </Suspense>
        </div>
        <Outlet />
      </div>
    </div>
  );
}

function PageLink({ page, onFollow }: { page: PageEntry; onFollow: () => void }) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const isHere = path.split("/")[1] === page.name;
  return (
    <Link to={`/${page.name}`} onClick={onFollow} {...(isHere ? { "aria-current": "page" } : {})}>
      {page.title}
      {page.load === undefined && <span className="badge">{strings.absentPage.tag}</span>}
    </Link>
  );
}
