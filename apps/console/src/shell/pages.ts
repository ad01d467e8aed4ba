import type { ComponentType } from "react";

/** One entry of the navigation. */
export interface PageEntry {
  /** First part of the path, also the folder below pages/. */
  name: string;
  title: string;
  /** The question the page answers. */
  question: string;
  group: "Now" | "Ranking" | "Administration";
  /** Its code, loaded when it is first opened; absent = not built yet. */
  load?: () => Promise<{ Page: ComponentType }>;
  /** A call that answers the same question for a script, shown while the page is not built. */
  call: string;
}

/** Every page, in the order of the navigation. */
export const PAGES: readonly PageEntry[] = [
  {
    name: "live",
    load: () => import("../pages/live/page.tsx"),
    title: "Live",
    question: "Is it flowing?",
    group: "Now",
    call: "/metrics",
  },
  {
    name: "users",
    load: () => import("../pages/users/page.tsx"),
    title: "Users",
    question: "What do we believe about this person, and why?",
    group: "Now",
    call: "/api/usermodel/explain?user_id=u1",
  },
  {
    name: "content",
    load: () => import("../pages/content/page.tsx"),
    title: "Content",
    question: "What is being shown?",
    group: "Now",
    call: "/api/content?limit=5",
  },
  {
    name: "features",
    load: () => import("../pages/features/page.tsx"),
    title: "Features",
    question: "Are the profile features healthy?",
    group: "Now",
    call: "/api/features/registry",
  },
  {
    name: "models",
    load: () => import("../pages/models/page.tsx"),
    title: "Models",
    question: "What serves, and is it better?",
    group: "Ranking",
    call: "/api/v1/deployment_slot/",
  },
  {
    name: "experiments",
    load: () => import("../pages/experiments/page.tsx"),
    title: "Experiments",
    question: "Which one works, and may I believe it?",
    group: "Ranking",
    call: "/api/v1/experiments",
  },
  {
    name: "dead-letters",
    load: () => import("../pages/dead-letters/page.tsx"),
    title: "Dead letters",
    question: "What was refused?",
    group: "Administration",
    call: "/api/dead-letters?limit=5",
  },
  {
    name: "keys",
    load: () => import("../pages/keys/page.tsx"),
    title: "Keys & projects",
    question: "Who may do what?",
    group: "Administration",
    call: "/api/v1/api_keys/",
  },
  {
    name: "system",
    load: () => import("../pages/system/page.tsx"),
    title: "System",
    question: "Is it healthy?",
    group: "Administration",
    call: "/readyz",
  },
];
