import { randomInt, timingSafeEqual } from "node:crypto";

import { ServiceError } from "@signalpath/contracts";
import { parseBody, sha256, type KitHono } from "@signalpath/service-kit";
import { z } from "zod";

import { TRIALS } from "./simulator/trial-plan.ts";
import { VISITORS } from "./simulator/visitors.ts";

/** Wrong codes after which none is taken any more until the next start. */
const MAX_WRONG = 20;
const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

const body = z.strictObject({ code: z.string().trim().max(20) });

/** Eight digits at the terminal that open the console of the demo once. */
export interface SignInCode {
  /** The code that is good now, `1234-5678`; undefined = too many wrong ones were tried. */
  current(): string | undefined;
  /** Takes a code; a good one is spent and replaced. */
  take(code: string): boolean;
}

/** @param told hears each code that replaces a spent one. */
export function createSignInCode(told: (code: string) => void): SignInCode {
  let code: string | undefined = newCode();
  let wrong = 0;
  return {
    current: () => code,
    take(given) {
      if (code === undefined) return false;
      if (!isSame(given, code)) {
        wrong++;
        if (wrong >= MAX_WRONG) code = undefined;
        return false;
      }
      code = newCode();
      told(code);
      return true;
    },
  };
}

/** A demo that other machines reach gives no key for a code. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host);
}

/**
 * What the console asks before anybody is signed in: whether this is the demo, and a key for a code.
 * @param signIn absent = keys alone open the console.
 */
export function bindDemoSignIn(
  app: KitHono,
  demo: { isOn: boolean; signIn?: { code: SignInCode; apiKey: string } | undefined },
): void {
  const { signIn } = demo;
  app.get("/demo/about.json", (c) =>
    c.json({
      demo: demo.isOn,
      sign_in_code: signIn?.code.current() !== undefined,
      visitors: demo.isOn
        ? VISITORS.map(({ userId, loves }) => ({ user_id: userId, about: loves.join(" and ") }))
        : [],
      experiments: demo.isOn ? { equal: TRIALS.equal.name, planted: TRIALS.planted.name } : null,
    }),
  );
  if (signIn === undefined) return;
  app.post("/demo/sign-in", async (c) => {
    // A name that was pointed at this machine is no page of its own.
    const { hostname } = new URL(c.req.url);
    const { code } = await parseBody(c, body);
    if (!isLoopback(hostname.replace(/^\[|\]$/g, "")) || !signIn.code.take(code)) {
      throw new ServiceError("KEY_INVALID", "This code is not the one at the terminal");
    }
    return c.json({ key: signIn.apiKey }, 200, { "cache-control": "no-store" });
  });
}

function newCode(): string {
  const digits = () => String(randomInt(10_000)).padStart(4, "0");
  return `${digits()}-${digits()}`;
}

function isSame(given: string, code: string): boolean {
  const hash = (text: string) => Buffer.from(sha256(text.replaceAll(/\D/g, "")));
  return timingSafeEqual(hash(given), hash(code));
}
