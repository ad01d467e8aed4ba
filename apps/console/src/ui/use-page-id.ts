import { useNavigate, useParams } from "@tanstack/react-router";

/** What follows the page's name in the path: `/users/nora` -> `nora`. */
export function usePageId(): string | undefined {
  const params: { id?: string } = useParams({ strict: false });
  return params.id === "" ? undefined : params.id;
}

/** Goes to a page, and to one thing on it when an id is given. Ids are encoded. */
export function useGoTo(): (page: string, id?: string) => void {
  const navigate = useNavigate();
  return (page, id) =>
    void navigate({ to: `/${page}${id === undefined ? "" : `/${encodeURIComponent(id)}`}` });
}
