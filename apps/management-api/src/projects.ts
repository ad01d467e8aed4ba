import { ServiceError, type project } from "@signalpath/contracts";
import type { Project, Projects } from "@signalpath/ports";
import type { z } from "zod";

import { offsetOf, pageOfRows, type Page, type PageRequest } from "./page.ts";

export type ProjectBody = z.output<typeof project>;

/** List, create and read projects. @throws ServiceError PROJECT_NOT_FOUND; UnavailableError. */
export function createProjectVerbs(projects: Pick<Projects, "list" | "create" | "get">) {
  return {
    async list(path: string, request: PageRequest): Promise<Page<ProjectBody>> {
      const { count, projects: rows } = await projects.list({
        offset: offsetOf(request),
        limit: request.page_size,
      });
      return pageOfRows(path, request, {}, { count, results: rows.map(shownProject) });
    },
    create: async (name: string): Promise<ProjectBody> => shownProject(await projects.create(name)),
    async get(id: number): Promise<ProjectBody> {
      const found = await projects.get(id);
      if (found === undefined) throw new ServiceError("PROJECT_NOT_FOUND", "no such project");
      return shownProject(found);
    },
  };
}

function shownProject({ id, name, createdAt }: Project): ProjectBody {
  return { id, name, created_at: createdAt, ins_datetime: createdAt };
}
