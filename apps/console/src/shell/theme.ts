import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
export const THEMES: readonly Theme[] = ["system", "light", "dark"];

const STORED = "signalpath.theme";
const CHANGED = "signalpath-theme";
const dark = () => matchMedia("(prefers-color-scheme: dark)");

function chosen(): Theme {
  const stored = localStorage.getItem(STORED);
  return THEMES.find((theme) => theme === stored) ?? "system";
}

/** Puts the theme on the document; called before the first paint and at each change. */
export function applyTheme(): void {
  const theme = chosen();
  const shown = theme === "system" ? (dark().matches ? "dark" : "light") : theme;
  document.documentElement.dataset["theme"] = shown;
}

/** Follows the system's scheme as long as no theme is chosen. */
export function watchTheme(): void {
  applyTheme();
  dark().addEventListener("change", applyTheme);
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(STORED, theme);
  applyTheme();
  dispatchEvent(new Event(CHANGED));
}

/** The theme that is chosen here; `system` follows prefers-color-scheme. */
export function useTheme(): Theme {
  return useSyncExternalStore((onChange) => {
    addEventListener(CHANGED, onChange);
    return () => removeEventListener(CHANGED, onChange);
  }, chosen);
}
