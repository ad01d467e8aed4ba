// Preloaded (`NODE_OPTIONS=--import`) by the fault harness alone: the process that parses a text with
// this mark is gone at once, as after an out-of-memory kill. No app knows of it.
const parse = JSON.parse;
JSON.parse = (text, ...rest) => {
  if (typeof text === "string" && text.includes("ends-the-process-that-reads-it")) {
    process.kill(process.pid, "SIGKILL");
  }
  return parse(text, ...rest);
};
