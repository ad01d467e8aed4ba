import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { RefusedError } from "../errors.ts";
import type { EmbeddingProvider } from "./port.ts";

export interface EmbeddingProviderUnderTest {
  provider: EmbeddingProvider;
  close(): Promise<void>;
}

/** What every provider of vectors keeps to. */
export function embeddingProviderContract(
  name: string,
  open: () => Promise<EmbeddingProviderUnderTest>,
): void {
  describe(`EmbeddingProvider: ${name}`, () => {
    let under: EmbeddingProviderUnderTest;
    beforeEach(async () => {
      under = await open();
    });
    afterEach(() => under.close());

    it("answers one vector a text, in order, whatever their number", async () => {
      const { provider } = under;
      const texts = Array.from({ length: 250 }, (_, i) => `text number ${i} of many`);
      const vectors = await provider.embed(texts);
      expect(vectors).toHaveLength(250);
      for (const vector of vectors) {
        expect(vector).toHaveLength(provider.dimensions);
        expect(vector.every((x) => Number.isFinite(x))).toBe(true);
      }
      const [one, other] = await Promise.all([
        provider.embed([texts[7]!]),
        provider.embed([texts[201]!]),
      ]);
      expect([one[0], other[0]]).toEqual([vectors[7], vectors[201]]);
    });

    it("gives equal texts equal vectors, and other texts others", async () => {
      const [a, b, c] = await under.provider.embed(["harbour", "mountain", "harbour"]);
      expect(a).toEqual(c);
      expect(a).not.toEqual(b);
    });

    it("takes no text for no vector, and refuses a text of nothing", async () => {
      await expect(under.provider.embed([])).resolves.toEqual([]);
      await expect(under.provider.embed(["fine", " "])).rejects.toThrow(RefusedError);
    });

    it("tells how far it is, and ends when told", async () => {
      const told: number[] = [];
      const texts = Array.from({ length: 250 }, (_, i) => `text ${i}`);
      await under.provider.embed(texts, { onFraction: (fraction) => told.push(fraction) });
      expect(told.at(-1)).toBe(1);
      expect(told).toEqual([...told].sort((a, b) => a - b));
      const signal = AbortSignal.abort(new Error("enough"));
      await expect(under.provider.embed(texts, { signal })).rejects.toThrow("enough");
    });

    it("is there", async () => {
      await expect(under.provider.check()).resolves.toBeUndefined();
    });
  });
}
