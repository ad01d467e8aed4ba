import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { dataOf } from "../../api/client.ts";
import { useApi } from "../../api/use-api.ts";
import type { Run } from "./metrics.ts";
import type { words } from "./strings.ts";

/** Everything below this key is read anew after a change. */
const ROOT = "models";
const RUNNING_MS = 2_000;
const CALM_MS = 15_000;
const MANY = { page_size: 500 };

const isUnderWay = (run: Pick<Run, "status">) =>
  run.status === "PENDING" || run.status === "RUNNING";

export function useModels() {
  const api = useApi();
  return useQuery({
    queryKey: [ROOT, "models"],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/trained_model/", { params: { query: MANY }, signal })),
    refetchInterval: CALM_MS,
  });
}

export function useSlots() {
  const api = useApi();
  return useQuery({
    queryKey: [ROOT, "slots"],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/deployment_slot/", { params: { query: MANY }, signal })),
    refetchInterval: CALM_MS,
  });
}

/** @param trainedModel of one model; absent = the newest of all. */
export function useRuns(trainedModel?: number) {
  const api = useApi();
  return useQuery({
    queryKey: [ROOT, "runs", trainedModel],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET("/api/v1/training_run/", {
          params: { query: { page_size: 100, trained_model: trainedModel ?? 0 } },
          signal,
        }),
      ),
    refetchInterval: ({ state }) =>
      state.data?.results.some(isUnderWay) === true ? RUNNING_MS : CALM_MS,
  });
}

export function useVersions(id: number) {
  const api = useApi();
  return useQuery({
    queryKey: [ROOT, "versions", id],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET("/api/v1/trained_model/{id}/versions/", { params: { path: path(id) }, signal }),
      ),
    refetchInterval: CALM_MS,
  });
}

export function useModel(id: number) {
  const api = useApi();
  return useQuery({
    queryKey: [ROOT, "model", id],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/trained_model/{id}/", { params: { path: path(id) }, signal })),
    refetchInterval: RUNNING_MS * 2,
  });
}

/** What a model served since when, newest first. */
export function useHistory(id: number) {
  const api = useApi();
  return useQuery({
    queryKey: [ROOT, "history", id],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET("/api/v1/trained_model/{id}/history/", { params: { path: path(id) }, signal }),
      ),
    refetchInterval: CALM_MS,
  });
}

/** What a version's file says of itself; reading it checks all of it, so it is asked once. */
export function useArtefact(id: number, version: number) {
  const api = useApi();
  return useQuery({
    queryKey: [ROOT, "artefact", id, version],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET("/api/v1/trained_model/{id}/artefact/", {
          params: { path: path(id), query: { version } },
          signal,
        }),
      ),
  });
}

export function useRunDetail(id: number | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: [ROOT, "run", id],
    enabled: id !== undefined,
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/training_run/{id}/", { params: { path: path(id ?? 0) }, signal })),
    refetchInterval: ({ state }) =>
      state.data !== undefined && isUnderWay(state.data) ? RUNNING_MS : false,
  });
}

/** Which models the gateway that answers here holds in memory. */
export function useLoaded() {
  const api = useApi();
  return useQuery({
    queryKey: [ROOT, "loaded"],
    queryFn: ({ signal }) => dataOf(api.GET("/inference/models", { signal })),
    refetchInterval: CALM_MS,
  });
}

export function useRouting(project: number) {
  const api = useApi();
  return useQuery({
    queryKey: [ROOT, "routing", project],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/project/{id}/routing/", { params: { path: path(project) }, signal })),
  });
}

/** How shadows compare with what was served, as the gateway that answers here saw it. */
export function useShadows(project: number) {
  const api = useApi();
  return useQuery({
    queryKey: [ROOT, "shadows", project],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET("/inference/shadow/project/{project_id}", {
          params: { path: { project_id: String(project) } },
          signal,
        }),
      ),
    refetchInterval: RUNNING_MS * 2,
  });
}
export type Comparison = NonNullable<ReturnType<typeof useShadows>["data"]>["slots"][number];

export function useUploads() {
  const api = useApi();
  return useQuery({
    queryKey: [ROOT, "uploads"],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/training_data/", { params: { query: MANY }, signal })),
  });
}

/** Project of the key that is signed in; undefined until it is known. */
export function useProject(): number | undefined {
  const api = useApi();
  const { data } = useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/me/", { signal })),
    staleTime: Infinity,
  });
  return data?.project.id;
}

/** A model that is to be trained. */
export interface NewModel {
  project: number;
  name?: string;
  kind: keyof typeof words.train.kinds;
  source?: "archive";
  training_data?: number;
  tune?: { trials: number };
  promotion: "always" | "better" | "manual";
}

/** The calls that change something; what the pages show is read anew behind each. */
export function useModelActions() {
  const api = useApi();
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: (call: () => Promise<unknown>) => call(),
    onSuccess: () => queries.invalidateQueries({ queryKey: [ROOT] }),
  });
  const run = (call: () => Promise<unknown>) => act.mutateAsync(call);
  return {
    promote: (id: number, version: number) =>
      run(() =>
        dataOf(
          api.POST("/api/v1/trained_model/{id}/promote/", {
            params: { path: path(id) },
            body: { version },
          }),
        ),
      ),
    retrain: (id: number) =>
      run(() =>
        dataOf(
          api.POST("/api/v1/trained_model/{id}/retrain/", {
            params: { path: path(id) },
            body: { promotion: "better" },
          }),
        ),
      ),
    cancel: (id: number) =>
      run(() =>
        dataOf(api.POST("/api/v1/training_run/{id}/cancel/", { params: { path: path(id) } })),
      ),
    changeSlot: (id: number, body: { weight?: number; is_active?: boolean }) =>
      run(() =>
        dataOf(api.PATCH("/api/v1/deployment_slot/{id}/", { params: { path: path(id) }, body })),
      ),
    train: (body: NewModel) =>
      run(() => dataOf(api.POST("/api/v1/trained_model/", { body: body as never }))),
    /** Stores a file of interactions. @returns its id. */
    upload: async (project: number, file: File): Promise<number> => {
      const form = new FormData();
      form.set("project", String(project));
      form.set("file", file);
      const stored = dataOf(api.POST("/api/v1/training_data/", { body: form as never }));
      return (await stored).id;
    },
    promoteSlot: (id: number, body: { weight: number; switch_off: number[] }) =>
      run(() =>
        dataOf(
          api.POST("/api/v1/deployment_slot/{id}/promote/", { params: { path: path(id) }, body }),
        ),
      ),
    addSlot: (body: {
      project: number;
      name: string;
      trained_model: number;
      weight: number;
      is_shadow: boolean;
    }) =>
      run(() =>
        dataOf(api.POST("/api/v1/deployment_slot/", { body: { ...body, is_active: true } })),
      ),
    route: (project: number, mode: "sticky" | "random") =>
      run(() =>
        dataOf(
          api.PATCH("/api/v1/project/{id}/routing/", {
            params: { path: path(project) },
            body: { mode },
          }),
        ),
      ),
  };
}

/** Ids stand in paths as text. */
const path = (id: number) => ({ id: String(id) });
