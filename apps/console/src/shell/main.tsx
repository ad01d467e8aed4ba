import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { isPassing } from "../api/api-error.ts";
import { Door } from "./door.tsx";
import { createConsoleRouter } from "./router.tsx";
import { watchTheme } from "./theme.ts";

watchTheme();
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => failures < 2 && isPassing(error),
      throwOnError: false,
    },
  },
});
const router = createConsoleRouter();
const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Door onSignOut={() => queries.clear()}>
        <RouterProvider router={router} />
      </Door>
    </QueryClientProvider>
  </StrictMode>,
);
