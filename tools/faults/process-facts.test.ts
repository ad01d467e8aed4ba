import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";

import { expect, onTestFinished, test } from "vitest";

import { descriptors, rssMib } from "./process-facts.ts";

/** Listens, then opens three files when told so. */
const PROGRAM = `
const server = require("node:http").createServer();
server.on("connection", () => process.stdout.write("taken"));
server.listen(0, "127.0.0.1", () => process.stdout.write(String(server.address().port)));
process.stdin.once("data", () => {
  for (let n = 0; n < 3; n++) require("node:fs").openSync("/dev/null", "r");
  process.stdout.write("opened");
});`;

test("open files are counted, connections of clients are not", async () => {
  // A process of its own: this one opens and closes files for other tests meanwhile.
  const child = spawn(process.execPath, ["-e", PROGRAM], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said = async () => String((await once(child.stdout, "data"))[0]);
  const port = Number(await said());
  const files = () => descriptors(child.pid, port);
  const before = files();
  const opened = said();
  child.stdin.write("go\n");
  expect(await opened).toBe("opened");
  expect(files()).toBe(before + 3);
  const taken = said();
  const client = connect(port, "127.0.0.1");
  expect(await taken).toBe("taken");
  expect(files()).toBe(before + 3);
  client.destroy();
});

test("a process that is gone has neither memory nor files", () => {
  expect(rssMib(process.pid)).toBeGreaterThan(10);
  expect([rssMib(undefined), descriptors(undefined, 1)]).toEqual([0, 0]);
});
