import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { dataOf } from "../../api/client.ts";
import { useApi } from "../../api/use-api.ts";

/** Rows read at one time: the most a page of the API holds. */
const PAGE_SIZE = 500;

export function useKeys() {
  const api = useApi();
  return useQuery({
    queryKey: ["keys"],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/api_keys/", { params: { query: { page_size: PAGE_SIZE } }, signal })),
  });
}
export type Key = NonNullable<ReturnType<typeof useKeys>["data"]>["results"][number];
export type Scope = Key["scopes"][number];

export function useProjects() {
  const api = useApi();
  return useQuery({
    queryKey: ["projects"],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/project/", { params: { query: { page_size: PAGE_SIZE } }, signal })),
  });
}
export type Project = NonNullable<ReturnType<typeof useProjects>["data"]>["results"][number];

/** What a new key is. */
export interface NewKey {
  project: number;
  name: string;
  kind: "api" | "write";
  /** Of an API key; a write key has no choice. */
  scopes?: Scope[];
  expires_at?: string;
}

/** Makes, rotates and revokes keys; the list is read anew after each. */
export function useKeyChanges() {
  const api = useApi();
  const queries = useQueryClient();
  const onSuccess = () => queries.invalidateQueries({ queryKey: ["keys"] });
  const byId = (id: number) => ({ params: { path: { id: String(id) } } });
  const create = useMutation({
    mutationFn: (body: NewKey) => dataOf(api.POST("/api/v1/api_keys/", { body })),
    onSuccess,
  });
  const rotate = useMutation({
    mutationFn: (id: number) => dataOf(api.POST("/api/v1/api_keys/{id}/rotate/", byId(id))),
    onSuccess,
  });
  const revoke = useMutation({
    mutationFn: (id: number) => dataOf(api.POST("/api/v1/api_keys/{id}/revoke/", byId(id))),
    onSuccess,
  });
  return { create, rotate, revoke };
}

export function useCreateProject() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => dataOf(api.POST("/api/v1/project/", { body: { name } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["projects"] }),
  });
}
