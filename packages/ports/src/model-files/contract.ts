import { ModelFileError } from "@signalpath/contracts";
import { describe, expect, onTestFinished, test } from "vitest";

import { RefusedError } from "../errors.ts";
import type { ModelFileReader, ModelFileWriter } from "./port.ts";

export interface ModelFilesUnderTest {
  reader: ModelFileReader;
  writer: ModelFileWriter;
  close?: () => Promise<void>;
}

const bytesOf = (length: number, seed = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (at * 31 + seed) % 256);

const HOSTILE_PATHS = [
  "",
  "/1/1-a.spm",
  "../1-a.spm",
  "1/../../1-a.spm",
  "1/..",
  "1/./1-a.spm",
  "1//1-a.spm",
  "1/1-a.spm/",
  "..\\1-a.spm",
  "1\\1-a.spm",
  "C:/1-a.spm",
  "1/1-a.spm\0",
  "1/.1-a.spm",
  "1/\n.spm",
  `1/${"a".repeat(600)}`,
];

/** Every promise of ModelFileReader and ModelFileWriter. `make` answers an empty keeper. */
export function modelFilesContract(make: () => Promise<ModelFilesUnderTest>): void {
  const open = async (): Promise<ModelFilesUnderTest> => {
    const files = await make();
    onTestFinished(() => files.close?.());
    return files;
  };
  const code = (code: string) => expect.objectContaining({ name: "ModelFileError", code });

  describe("ModelFiles", () => {
    test.each([0, 1, 511, 512, 513, 70_000])("gives back %i bytes", async (length) => {
      const { reader, writer } = await open();
      const bytes = bytesOf(length);
      await writer.write("7/1-abc.spm", bytes);
      expect(await reader.stat("7/1-abc.spm")).toEqual({ bytes: length });
      const read = await reader.read("7/1-abc.spm", { maxBytes: length });
      expect([...read]).toEqual([...bytes]);
      expect(read.buffer).toBeInstanceOf(SharedArrayBuffer);
      await reader.check();
    });

    test.each([0, 1, 63, 64, 90, 300])("lays byte %i at a multiple of 64", async (at) => {
      const { reader, writer } = await open();
      await writer.write("7/1-abc.spm", bytesOf(1_000));
      const heads: number[][] = [];
      const alignAt = (head: Uint8Array): number => {
        heads.push([...head]);
        return at;
      };
      const read = await reader.read("7/1-abc.spm", { maxBytes: 1_000, alignAt });
      expect((read.byteOffset + at) % 64).toBe(0);
      expect([...read]).toEqual([...bytesOf(1_000)]);
      expect(heads).toEqual([[...bytesOf(512)]]);
    });

    test("two readers share no memory", async () => {
      const { reader, writer } = await open();
      await writer.write("7/1-abc.spm", bytesOf(100));
      const first = await reader.read("7/1-abc.spm", { maxBytes: 100 });
      first.fill(0);
      expect([...(await reader.read("7/1-abc.spm", { maxBytes: 100 }))]).toEqual([...bytesOf(100)]);
    });

    test("refuses what is larger than the cap", async () => {
      const { reader, writer } = await open();
      await writer.write("7/1-abc.spm", bytesOf(100));
      const read = reader.read("7/1-abc.spm", { maxBytes: 99 });
      await expect(read).rejects.toEqual(code("MODEL_TOO_LARGE"));
    });

    test("says what is not there", async () => {
      const { reader, writer } = await open();
      await writer.write("7/1-abc.spm", bytesOf(100));
      for (const path of ["7/2-abc.spm", "8/1-abc.spm", "1-abc.spm"]) {
        await expect(reader.stat(path)).rejects.toEqual(code("MODEL_FILE_MISSING"));
        const read = reader.read(path, { maxBytes: 100 });
        await expect(read).rejects.toEqual(code("MODEL_FILE_MISSING"));
      }
    });

    test.each(HOSTILE_PATHS)("refuses the path %j", async (path) => {
      const { reader, writer } = await open();
      await expect(reader.stat(path)).rejects.toEqual(code("MODEL_PATH_REFUSED"));
      const read = reader.read(path, { maxBytes: 100 });
      await expect(read).rejects.toEqual(code("MODEL_PATH_REFUSED"));
      await expect(writer.write(path, bytesOf(1))).rejects.toThrow(ModelFileError);
    });

    test("a file never changes", async () => {
      const { reader, writer } = await open();
      const bytes = bytesOf(100);
      await writer.write("7/1-abc.spm", bytes);
      await writer.write("7/1-abc.spm", bytesOf(100));
      bytes.fill(0);
      for (const other of [bytesOf(100, 1), bytesOf(99), bytesOf(101)]) {
        await expect(writer.write("7/1-abc.spm", other)).rejects.toThrow(RefusedError);
      }
      expect([...(await reader.read("7/1-abc.spm", { maxBytes: 100 }))]).toEqual([...bytesOf(100)]);
    });

    test("writers of one path at once leave the whole file", async () => {
      const { reader, writer } = await open();
      const bytes = bytesOf(50_000);
      await Promise.all(Array.from({ length: 8 }, () => writer.write("7/1-abc.spm", bytes)));
      expect([...(await reader.read("7/1-abc.spm", { maxBytes: 50_000 }))]).toEqual([...bytes]);
    });
  });
}
