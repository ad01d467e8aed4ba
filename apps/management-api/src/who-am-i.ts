import { ServiceError, type KeyHolder } from "@signalpath/contracts";
import type { KeyRecord, Projects } from "@signalpath/ports";

/**
 * What a key may do and on which project, told to whoever holds it.
 * @throws ServiceError PROJECT_NOT_FOUND; UnavailableError.
 */
export function createWhoAmI(projects: Pick<Projects, "get">) {
  return async ({
    id,
    name,
    prefix,
    scopes,
    projectId,
    expiresAt,
  }: KeyRecord): Promise<KeyHolder> => {
    const project = await projects.get(projectId);
    if (project === undefined) throw new ServiceError("PROJECT_NOT_FOUND", "no such project");
    return {
      id,
      name,
      prefix,
      scopes,
      project: { id: project.id, name: project.name },
      expires_at: expiresAt ?? null,
    };
  };
}
