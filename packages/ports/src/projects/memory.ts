import type { Clock } from "../clock/port.ts";
import { RefusedError } from "../errors.ts";
import type { Project, Projects } from "./port.ts";

/** Most rows one read answers. */
const PAGE = 2_000;

/** Keeps projects in the process. Ids count from 1. */
export function createMemoryProjects({ now }: { now: Clock }): Projects {
  const projects: Project[] = [];
  const eventMaps = new Map<number, unknown>();
  const find = (id: number): Project | undefined => projects.find((project) => project.id === id);
  return {
    create: async (name) => {
      const project = {
        id: projects.length + 1,
        name,
        createdAt: new Date(now()).toISOString(),
      };
      projects.push(project);
      return { ...project };
    },
    get: async (id) => {
      const project = find(id);
      return project === undefined ? undefined : { ...project };
    },
    list: async ({ offset, limit }) => ({
      count: projects.length,
      projects: projects
        .slice(offset, offset + Math.min(limit, PAGE))
        .map((project) => ({ ...project })),
    }),
    eventMap: async (id) => structuredClone(eventMaps.get(id)),
    setEventMap: async (id, map) => {
      if (find(id) === undefined) throw new RefusedError("the project is unknown");
      if (map === undefined || map === null) eventMaps.delete(id);
      else eventMaps.set(id, structuredClone(map));
    },
  };
}
