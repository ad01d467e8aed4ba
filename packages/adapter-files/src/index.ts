export { createFileModelReader } from "./reader.ts";
export { createFileModelWriter } from "./writer.ts";
