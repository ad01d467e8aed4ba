import { gzipSync } from "node:zlib";

import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** What a first visit loads before any page, and what one page adds to it at most; kB, gzipped. */
const BUDGET_KB = { first: 130, page: 180 };

/** Static files of the console. Nothing is inlined: its content policy allows files of its own only. */
export default defineConfig({
  plugins: [react(), budget()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The budget below counts what travels.
    chunkSizeWarningLimit: 1_000,
  },
});

interface Chunk {
  type: "chunk";
  code: string;
  imports: string[];
  dynamicImports: string[];
  isEntry: boolean;
}

/** Ends the build when the first visit or a page grew beyond its budget. */
function budget(): Plugin {
  return {
    name: "budget",
    generateBundle(_, bundle) {
      const chunkOf = (name: string) => bundle[name] as Chunk | undefined;
      const reach = (name: string, into = new Set<string>()): Set<string> => {
        if (into.has(name)) return into;
        into.add(name);
        for (const next of chunkOf(name)?.imports ?? []) reach(next, into);
        return into;
      };
      const kB = (names: Iterable<string>) =>
        [...names].reduce((sum, name) => sum + gzipSync(chunkOf(name)?.code ?? "").length, 0) / 1e3;
      const entry = Object.keys(bundle).find((name) => chunkOf(name)?.isEntry === true) ?? "";
      const first = reach(entry);
      const check = (what: string, size: number, most: number) => {
        if (size > most) this.error(`${what}: ${size.toFixed(0)} kB gzipped, at most ${most}`);
      };
      check("first visit", kB(first), BUDGET_KB.first);
      for (const page of chunkOf(entry)?.dynamicImports ?? []) {
        const added = [...reach(page)].filter((name) => !first.has(name));
        check(page, kB(added), BUDGET_KB.page);
      }
    },
  };
}
