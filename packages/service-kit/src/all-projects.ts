import type { Projects } from "@signalpath/ports";

const PAGE = 500;

/** Ids of every project, in the order the store lists them. */
export async function allProjectIds(projects: Pick<Projects, "list">): Promise<number[]> {
  const ids: number[] = [];
  for (;;) {
    const page = await projects.list({ offset: ids.length, limit: PAGE });
    for (const project of page.projects) ids.push(project.id);
    if (page.projects.length === 0 || ids.length >= page.count) return ids;
  }
}
