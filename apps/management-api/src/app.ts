import { subjects, type Endpoint } from "@signalpath/contracts";
import { createThreadChecker } from "@signalpath/model-loader";
import { readPayload, type Subscription } from "@signalpath/ports";
import {
  createHttpApp,
  createPresence,
  createScopedProject,
  type App,
} from "@signalpath/service-kit";

import { createAnnounce } from "./announce.ts";
import { createCreateKey } from "./create-key.ts";
import { createDeleteContent } from "./delete-content.ts";
import type { ManagementApiDeps } from "./deps.ts";
import { endpoints } from "./endpoints.ts";
import { createEraseUser } from "./erase-user.ts";
import { createKeyVerbs } from "./keys.ts";
import { storeKeyUse } from "./key-use.ts";
import { bindLearningRoutes, learningEndpoints } from "./learning/routes.ts";
import { liveEndpoints } from "./live/endpoints.ts";
import { openLive } from "./live/open-live.ts";
import { bindLiveRoutes } from "./live/routes.ts";
import { createProjectVerbs } from "./projects.ts";
import { createPutContent } from "./put-content.ts";
import { ruleEndpoints } from "./rules/endpoints.ts";
import { bindRuleRoutes } from "./rules/routes.ts";
import { bindRoutes } from "./routes.ts";
import { createWhoAmI } from "./who-am-i.ts";
import { trainingEndpoints } from "./training/endpoints.ts";
import { createLoadedModels } from "./training/loaded-models.ts";
import { bindTrainingRoutes } from "./training/routes.ts";

export type { ManagementApiDeps } from "./deps.ts";
export { endpoints } from "./endpoints.ts";

export const SERVICE = "management-api";

/** Everything an administrator writes: catalogue, projects, keys, erasures. */
export function createManagementApi(deps: ManagementApiDeps): App {
  const { kit, bus, keys, projects, catalogue, authenticator, archive, buffer, models } = deps;
  const logger = kit.logger.child({ app: SERVICE });
  const announce = createAnnounce(bus, kit);
  const minting = { keys, projects, pepper: deps.pepper, kit };
  const probes = [
    { name: "catalogue", check: () => catalogue.check() },
    { name: "archive", check: () => archive.check() },
    { name: "event_buffer", check: () => buffer.check() },
    { name: "bus", check: () => bus.check() },
    ...(deps.probes ?? []),
  ];
  const all: readonly Endpoint[] = [
    ...Object.values(endpoints),
    ...Object.values(trainingEndpoints),
    ...Object.values(ruleEndpoints),
    ...Object.values(liveEndpoints),
    ...Object.values(learningEndpoints),
  ];
  const app = createHttpApp({
    service: SERVICE,
    version: deps.version,
    kit,
    probes,
    endpoints: all,
    state: deps.state,
  });
  const scopedProject = createScopedProject(authenticator, projects);
  const live = openLive({ bus, kit, version: deps.version, limits: deps.live });
  const presence = createPresence({ ...deps, service: SERVICE, probes });
  bindLiveRoutes(app, { authenticator, scopedProject, ...live });
  bindRoutes(app, {
    authenticator,
    scopedProject,
    verbs: {
      putContent: createPutContent(catalogue, announce),
      deleteContent: createDeleteContent(catalogue, announce),
      eraseUser: createEraseUser({
        archive,
        buffer,
        models,
        features: deps.features,
        announce,
        kit,
      }),
      projects: createProjectVerbs(projects),
      whoAmI: createWhoAmI(projects),
      createKey: createCreateKey(minting),
      keys: createKeyVerbs({ ...minting, keys, authenticator, announce }),
    },
  });
  const checker = createThreadChecker();
  const loaded = createLoadedModels({ bus, now: kit.now, logger });
  const files = { writer: deps.modelWriter, reader: deps.modelFiles };
  const artefacts = { ring: deps.ring, checker, ...files, loaded };
  bindRuleRoutes(app, authenticator, { rankingRules: deps.rankingRules, projects, announce });
  bindTrainingRoutes(app, authenticator, { stores: deps, artefacts, projects, announce, kit });
  bindLearningRoutes(app, scopedProject, { ...deps, checker });
  const subscriptions: Subscription[] = [];
  return {
    name: SERVICE,
    fetch: (request, env) => app.fetch(request, env),
    endpoints: all,
    probes,
    async start() {
      await live.start();
      await loaded.start();
      presence.start();
      subscriptions.push(
        await bus.hear(subjects.keyRevoked.name, ({ body }) => {
          const read = readPayload(subjects.keyRevoked, body);
          if (read.ok) authenticator.deny(read.payload.key_id);
          else logger.warn({ code: read.code, detail: read.detail }, "keys.revoked ignored");
        }),
        await bus.hear(subjects.keyUsed.name, ({ body }) => {
          void storeKeyUse(keys, body, logger);
        }),
      );
    },
    async quiesce() {
      live.quiesce();
    },
    async close() {
      await presence.close();
      await live.close();
      await loaded.close();
      for (const one of subscriptions.splice(0)) await one.close();
      await checker.close();
    },
  };
}
