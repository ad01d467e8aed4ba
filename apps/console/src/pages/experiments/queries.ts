import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { dataOf } from "../../api/client.ts";
import type { components } from "../../api/schema.generated.ts";
import { useApi } from "../../api/use-api.ts";

export type Experiment = components["schemas"]["Experiment"];
export type Results = NonNullable<ReturnType<typeof useResults>["data"]>;
export type Metric = Results["metrics"][number];

/** Everything below this key is read anew after a change. */
const ROOT = "experiments";
const READ_AGAIN_MS = 10_000;

export function useExperiments() {
  const api = useApi();
  return useQuery({
    queryKey: [ROOT, "list"],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/experiments", { params: { query: { page_size: 500 } }, signal })),
    refetchInterval: READ_AGAIN_MS,
  });
}

export function useExperiment(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: [ROOT, "one", id],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/experiments/{id}", { params: { path: { id } }, signal })),
  });
}

/** @param metric whose course over time is wanted; absent = the first. */
export function useResults(id: string, metric?: string) {
  const api = useApi();
  return useQuery({
    queryKey: [ROOT, "results", id, metric],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET("/api/v1/experiments/{id}/results", {
          params: { path: { id }, query: metric === undefined ? {} : { metric } },
          signal,
        }),
      ),
    refetchInterval: READ_AGAIN_MS,
  });
}

/** What the project ranks by, when it comes from this experiment. */
export function usePromotion(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: [ROOT, "promotion", id],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/experiments/{id}/promote", { params: { path: { id } }, signal })),
  });
}

export interface SizeQuestion {
  mean: number;
  lift: number;
  arms: number;
  unitsPerDay: number | undefined;
  havePerArm: number;
  sequential: boolean;
}

/** Users it takes; undefined = nothing to ask. */
export function useSampleSize(question: SizeQuestion | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: [ROOT, "size", question],
    enabled: question !== undefined,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      if (question === undefined) throw new Error("nothing is asked");
      const { mean, lift, arms, unitsPerDay, havePerArm, sequential } = question;
      return dataOf(
        api.POST("/api/v1/experiments/sample_size", {
          body: {
            baseline: { mean },
            lift,
            alpha: 0.05,
            power: 0.8,
            arms,
            sequential_tuning: sequential ? 5_000 : null,
            have_per_arm: havePerArm,
            ...(unitsPerDay === undefined ? {} : { units_per_day: unitsPerDay }),
          },
          signal,
        }),
      );
    },
  });
}

/** Users and conversions of each arm, the control first. */
export type ArmCounts = readonly { users: number; conversions: number }[];

export function useCalculation(arms: ArmCounts | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: [ROOT, "calculation", arms],
    enabled: arms !== undefined,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      dataOf(
        api.POST("/api/v1/experiments/calculate", {
          body: {
            metric: { kind: "binary", direction: "increase" },
            arms: (arms ?? []).map(({ users, conversions }, index) => ({
              index,
              n: users,
              sum: conversions,
            })),
          } as never,
          signal,
        }),
      ),
  });
}

export interface NewExperiment {
  name: string;
  variations: { index: number; name: string; weight: number; ranking?: unknown }[];
  coverage?: number;
  metrics?: { name: string; direction?: "increase" | "decrease"; guardrail?: boolean }[];
  status?: "draft" | "running";
}

/** The calls that change something; what the pages show is read anew behind each. */
export function useExperimentActions() {
  const api = useApi();
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: (call: () => Promise<unknown>) => call(),
    onSuccess: () => queries.invalidateQueries({ queryKey: [ROOT] }),
  });
  const create = (body: NewExperiment) =>
    act.mutateAsync(() => dataOf(api.POST("/api/v1/experiments", { body: body as never })));
  const setStatus = (id: string, status: "running" | "stopped" | "archived") =>
    act.mutateAsync(() =>
      dataOf(api.PATCH("/api/v1/experiments/{id}", { params: { path: { id } }, body: { status } })),
    );
  /** Ends the experiment; what the variation changes becomes the project's ranking. */
  const promote = (id: string, index: number) =>
    act.mutateAsync(() =>
      dataOf(
        api.POST("/api/v1/experiments/{id}/promote", {
          params: { path: { id } },
          body: { variation_index: index },
        }),
      ),
    );
  /** The project ranks as it ships again. */
  const undo = (id: string) =>
    act.mutateAsync(() =>
      dataOf(api.DELETE("/api/v1/experiments/{id}/promote", { params: { path: { id } } })),
    );
  return { create, setStatus, promote, undo };
}
