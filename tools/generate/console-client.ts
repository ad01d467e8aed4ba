import { openApiDocument, type Endpoint } from "@signalpath/contracts";
import { endpoints as experiments } from "@signalpath/experiments/internal/endpoints.ts";
import { endpoints as inference } from "@signalpath/inference-gateway/app";
import { ENDPOINTS as ingest } from "@signalpath/ingest-webhook/app";
import { endpoints as management } from "@signalpath/management-api/app";
import { liveEndpoints } from "@signalpath/management-api/internal/live/endpoints.ts";
import { trainingEndpoints } from "@signalpath/management-api/internal/training/endpoints.ts";
import { clientTypes } from "@signalpath/openapi/client-types.ts";
import { endpoints as recommender } from "@signalpath/recommender/app";
import { endpoints as updater } from "@signalpath/user-model-updater/internal/routes.ts";

/** Types of every call, as the console's client knows them. */
const CLIENT_FILE = "apps/console/src/api/schema.generated.ts";

/** Path from the root -> text: types of the merged OpenAPI document of all apps. */
export async function consoleClient(): Promise<[path: string, text: string]> {
  const all: Endpoint[] = [
    ...Object.values(ingest),
    ...Object.values(recommender),
    ...Object.values(updater),
    ...Object.values(management),
    ...Object.values(trainingEndpoints),
    ...Object.values(liveEndpoints),
    ...Object.values(inference),
    ...Object.values(experiments),
  ];
  return [CLIENT_FILE, await clientTypes(openApiDocument("Signalpath", "0", all))];
}
