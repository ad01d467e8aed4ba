import { subjects } from "@signalpath/contracts";
import { RefusedError } from "@signalpath/ports";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { openWorld, type World } from "../test-world.ts";
import { createCalls, CSV, form, json, V1, type Calls } from "./test-calls.ts";

let world: World;
let calls: Calls;
beforeEach(async () => {
  world = await openWorld();
  calls = createCalls(world);
});
afterEach(() => world.close());

const refused = async (body: FormData) => {
  const answer = await calls.send("POST", "training_data/", body, 422);
  expect(await calls.read("training_data/")).toMatchObject({ count: 0 });
  return answer["errors"];
};

describe("a form that says more than is taken", () => {
  test("two files", async () => {
    const data = form(CSV, "a.csv");
    data.append("file", new Blob([CSV]), "b.csv");
    expect(await refused(data)).toEqual([{ path: "file", message: "a form has one file" }]);
  });

  test("a file of another name", async () => {
    const data = new FormData();
    data.set("upload", new Blob([CSV]), "a.csv");
    expect(await refused(data)).toEqual([{ path: "upload", message: "the file is named file" }]);
  });

  test.each(["before", "after"])("a misspelt field %s the file", async (where) => {
    const data =
      where === "before" ? form(CSV, "a.csv", { user_colum: "who" }) : form(CSV, "a.csv");
    if (where === "after") data.append("user_colum", "who");
    expect(await refused(data)).toEqual([{ path: "user_colum", message: "unknown field" }]);
  });

  test("more parts than anybody needs", async () => {
    const data = form(CSV, "a.csv");
    for (let at = 0; at < 30; at++) data.append("user_column", "user_id");
    expect(await refused(data)).toEqual([{ path: "file", message: "the form has too many parts" }]);
  });
});

test("an upload in an encoding that is not read is refused as such", async () => {
  const answer = await world.request("POST", `${V1}/training_data/`, {
    key: world.writeKey,
    body: CSV,
    headers: { "content-type": "text/csv", "content-encoding": "br" },
  });
  expect(answer.status).toBe(415);
  expect(await json(answer)).toMatchObject({ code: "UNSUPPORTED_ENCODING" });
});

test("a NUL in the name of a file is not stored", async () => {
  const stored = await calls.send("POST", "training_data/?filename=a%00b.csv&project=1", CSV, 201);
  expect(stored).toMatchObject({ filename: "ab.csv", rows: 3 });
});

test.each(["a\0b", "\ud800"])("a name that cannot be stored: %j", async (name) => {
  const { id } = await calls.makeModel();
  const answer = await calls.send("PATCH", `trained_model/${id}/`, { name }, 422);
  expect(answer["errors"]).toEqual([{ path: "name", message: "not Unicode text" }]);
});

test("ids that no row can have are not found, or not valid", async () => {
  for (const id of ["2147483648", "99999999999"]) {
    for (const of of ["trained_model", "training_run", "deployment_slot", "training_data"]) {
      await calls.read(`${of}/${id}/`, 404);
    }
    const slot = { project: 1, name: "s", trained_model: Number(id) };
    const answer = await calls.send("POST", "deployment_slot/", slot, 422);
    expect(answer["errors"]).toMatchObject([{ path: "trained_model" }]);
  }
});

test("gateways hear of a model that was deleted", async () => {
  const { id } = await calls.makeModel();
  await calls.finish(id, 1);
  const heard = await calls.heardOf(subjects.slotsChanged);
  await calls.send("DELETE", `trained_model/${id}/`, undefined, 204);
  await vi.waitFor(() => expect(heard).toEqual([{ project_id: 1 }]));
});

test("parameters that cannot be stored are said to be so", async () => {
  for (const text of ["a\0b", "\ud800"]) {
    const parameters = { deep: [{ text }] };
    const row = { project: 1, name: "c", recommender_class_name: "ials" };
    const answers = [
      await calls.send(
        "POST",
        "model_configuration/",
        { ...row, parameters_json: parameters },
        422,
      ),
      await calls.send(
        "POST",
        "trained_model/",
        { project: 1, source: "archive", parameters },
        422,
      ),
    ];
    for (const { errors } of answers)
      expect(errors).toMatchObject([{ message: "not Unicode text" }]);
  }
  const fine = { text: "\\u0000 \\ud800 \u{1f600}" };
  const wish = { project: 1, source: "archive", parameters: fine };
  // It could be stored: what is wrong with it is its name.
  const { errors } = await calls.send("POST", "trained_model/", wish, 422);
  expect(errors).toMatchObject([{ path: "parameters.text" }]);
});

test("no model is left behind when its run is refused", async () => {
  const { id: training_data } = await calls.upload();
  vi.spyOn(world.trainingRuns, "request").mockRejectedValueOnce(
    new RefusedError("the project has no such training data"),
  );
  await calls.send("POST", "trained_model/", { project: 1, training_data }, 422);
  expect(await calls.read("trained_model/")).toMatchObject({ count: 0 });
});

test("a schedule whose time never comes", async () => {
  const { id } = await calls.makeModel();
  const body = { project: 1, trained_model: id, cron_expression: "0 0 31 2 *" };
  for (const is_enabled of [true, false]) {
    const answer = await calls.send("POST", "retraining_schedule/", { ...body, is_enabled }, 422);
    expect(answer["errors"]).toMatchObject([{ path: "cron_expression" }]);
  }
  const leap = { ...body, cron_expression: "0 0 29 2 *" };
  await calls.send("POST", "retraining_schedule/", leap, 201);
});
