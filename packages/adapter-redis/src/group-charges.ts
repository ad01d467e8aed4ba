import type { RateCharge, RateDecision } from "@signalpath/ports";

type Spend = (charge: RateCharge) => Promise<RateDecision>;

interface Waiting {
  charge: RateCharge;
  resolve: (decision: RateDecision | Promise<RateDecision>) => void;
  reject: (error: unknown) => void;
}

/**
 * Lets charges of one budget travel together: while one call is out, what comes meanwhile waits and
 * goes as one sum. Nobody is allowed who would not have been one by one, so the limit is as exact
 * as before; a busy key costs one round trip at a time instead of one a request.
 * Charges that bring their own clock, or differ in limit or period, go alone.
 */
export function groupCharges(spend: Spend): Spend {
  const out = new Map<string, Waiting[]>();

  return (charge) => {
    if (charge.now !== undefined) return spend(charge);
    const name = `${charge.limit} ${charge.period_ms} ${charge.key}`;
    const waiting = out.get(name);
    return new Promise((resolve, reject) => {
      const one = { charge, resolve, reject };
      if (waiting !== undefined) waiting.push(one);
      else void send(name, [one]);
    });
  };

  async function send(name: string, first: readonly Waiting[]): Promise<void> {
    let group = first;
    while (group.length > 0) {
      const meanwhile: Waiting[] = [];
      out.set(name, meanwhile);
      await settle(group);
      group = meanwhile;
    }
    out.delete(name);
  }

  async function settle(group: readonly Waiting[]): Promise<void> {
    const [first] = group;
    if (first === undefined) return;
    const cost = group.reduce((sum, { charge }) => sum + charge.cost, 0);
    try {
      const decision = await spend({ ...first.charge, cost });
      if (group.length === 1) return first.resolve(decision);
      // Some of them may still be allowed: the sum was refused, and cost nothing.
      if (!decision.allowed) return alone(group);
      let left = decision.remaining + cost;
      for (const { charge, resolve } of group) {
        left -= charge.cost;
        resolve({ ...decision, remaining: left });
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  function alone(group: readonly Waiting[]): void {
    for (const { charge, resolve } of group) resolve(spend(charge));
  }
}
