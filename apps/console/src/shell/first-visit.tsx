import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";

import { readDemo } from "../api/demo.ts";
import { Button } from "../ui/button.tsx";
import { Loading } from "../ui/loading.tsx";
import { saveProgress, useProgress } from "./visit/progress.ts";
import { words } from "./visit/strings.ts";

// No page waits for it, and nobody without a demo loads it.
const Visit = lazy(() => import("./visit/visit.tsx").then((file) => ({ default: file.Visit })));

/** The guided visit of the demo above every page; nothing where there is no demo. */
export function FirstVisit() {
  const { data } = useQuery({
    queryKey: ["demo"],
    queryFn: ({ signal }) => readDemo(signal),
    staleTime: Infinity,
  });
  const { isHidden } = useProgress();
  if (data?.demo !== true) return null;
  if (!isHidden)
    return (
      <Suspense fallback={<Loading height={164} />}>
        <Visit facts={data} />
      </Suspense>
    );
  return (
    <div>
      <Button isSmall onPress={() => saveProgress({ isHidden: false })}>
        {words.resume}
      </Button>
    </div>
  );
}
