import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Static files of the console. Nothing is inlined: its content policy allows files of its own only. */
export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            {
              name: "charts",
              test: /node_modules[\\/].*(?:recharts|d3-|victory-vendor|@reduxjs|redux|immer|es-toolkit)/,
            },
          ],
        },
      },
    },
  },
});
