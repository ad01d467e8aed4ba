import {
  evaluateQuery,
  examplesQuery,
  learningEstimates,
  learningExamples,
  learningStatus,
  policyBody,
  type Endpoint,
} from "@signalpath/contracts";
import { parseBody, parseQuery, type KitHono, type ScopedProject } from "@signalpath/service-kit";

import { bothForms } from "../paths.ts";
import { createLearningVerbs, type LearningDeps } from "./verbs.ts";

const PATH = "/api/v1/learning/";
const read = { method: "get", tag: "learning", auth: "read", errors: [404, 422, 503] } as const;

/** Learning from feedback. Paths answer with and without their last slash. */
export const learningEndpoints = {
  learningStatus: {
    ...read,
    path: PATH,
    summary: "Health of the learner and which ranking serves",
    response: learningStatus,
  },
  evaluateRanking: {
    ...read,
    path: `${PATH}evaluate/`,
    summary: "What a ranking would have earned, by inverse propensities and doubly robust",
    query: evaluateQuery,
    response: learningEstimates,
  },
  learningExamples: {
    ...read,
    path: `${PATH}examples/`,
    summary: "Observations to train a ranker from",
    query: examplesQuery,
    response: learningExamples,
  },
  changePolicy: {
    path: `${PATH}policy/`,
    method: "put",
    tag: "learning",
    auth: "write",
    errors: [400, 404, 409, 422, 503],
    summary: "Make a ranking serve; a trained one must beat what was logged, or be forced",
    body: policyBody,
    response: learningStatus,
  },
} as const satisfies Record<string, Endpoint>;

/** HTTP edge of learning: key, parse, verb, status. */
export function bindLearningRoutes(
  app: KitHono,
  scopedProject: ScopedProject,
  deps: LearningDeps,
): void {
  const e = learningEndpoints;
  const verbs = createLearningVerbs(deps);
  app.on("GET", bothForms(e.learningStatus), async (c) =>
    c.json(await verbs.status(await scopedProject(c, "read"))),
  );
  app.on("GET", bothForms(e.evaluateRanking), async (c) => {
    const projectId = await scopedProject(c, "read");
    const { target, model_id } = parseQuery(c, e.evaluateRanking.query);
    return c.json(await verbs.evaluate(projectId, target, model_id));
  });
  app.on("GET", bothForms(e.learningExamples), async (c) => {
    const projectId = await scopedProject(c, "read");
    return c.json(await verbs.examples(projectId, parseQuery(c, e.learningExamples.query).limit));
  });
  app.on("PUT", bothForms(e.changePolicy), async (c) => {
    const projectId = await scopedProject(c, "write");
    return c.json(await verbs.setPolicy(projectId, await parseBody(c, policyBody)));
  });
}
