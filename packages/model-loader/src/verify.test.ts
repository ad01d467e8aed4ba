import { createHash } from "node:crypto";

import { ModelFileError } from "@signalpath/contracts";
import { expect, it } from "vitest";

import { createInlineChecker } from "./checks/checker.ts";
import { signArtefact, signPayload } from "./sign.ts";
import { createKeyRing } from "./signing/key-ring.ts";
import { METADATA, RING, smallTensors } from "./testing/artefact.ts";
import { verifyArtefact } from "./verify.ts";

const checker = createInlineChecker();
const artefact = () => signArtefact({ metadata: METADATA, tensors: smallTensors() }, RING);

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ModelFileError)) throw error;
  return error.code;
}

it("reads bytes that no row names, wherever they lie in memory", async () => {
  const { bytes } = artefact();
  for (const lead of [0, 1, 63]) {
    const moved = new Uint8Array(bytes.length + lead).subarray(lead);
    moved.set(bytes);
    const found = await verifyArtefact(moved, { ring: RING, checker });
    expect(found.metadata).toEqual(METADATA);
    expect(found.kid).toBe(RING.signer?.kid);
    expect(found.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(found.tensors.get("user_factors")?.data).toEqual(
      Float32Array.from([1, -2, 0.5, 4, 5, 6]),
    );
  }
});

it("its payload can be signed anew by another key", async () => {
  const other = createKeyRing({ secretKey: "another secret of the tests" });
  const { payload } = await verifyArtefact(artefact().bytes, { ring: RING, checker });
  const resigned = signPayload(payload, other);
  expect((await verifyArtefact(resigned, { ring: other, checker })).metadata).toEqual(METADATA);
  expect(await codeOf(verifyArtefact(resigned, { ring: RING, checker }))).toBe("MODEL_KEY_UNKNOWN");
});

it("refuses what was changed, is cut or is nothing of ours", async () => {
  const { bytes } = artefact();
  const changed = Uint8Array.from(bytes);
  changed[changed.length - 1]! ^= 1;
  const verify = (file: Uint8Array) => codeOf(verifyArtefact(file, { ring: RING, checker }));
  expect(await verify(changed)).toBe("MODEL_SIGNATURE_INVALID");
  expect(await verify(bytes.subarray(0, -1))).toBe("MODEL_TRUNCATED");
  expect(await verify(new Uint8Array(0))).toBe("MODEL_TRUNCATED");
  expect(await verify(Buffer.from("user_id,item_id"))).toBe("MODEL_NOT_AN_ARTEFACT");
});
