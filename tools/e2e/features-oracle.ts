/** One act of a replayed person, as it is sent. */
export interface Act {
  /** Also its message id. */
  id: string;
  user: string;
  item: string;
  request: string | undefined;
  atMs: number;
  /** undefined: the item was shown. */
  reaction: "done" | "dismiss" | "like" | undefined;
  dwellMs: number | undefined;
  /** Minutes east of UTC; undefined: the time is sent as UTC. */
  offsetMin: number | undefined;
}

/** Profile features, by name. */
export type Values = Readonly<Record<string, number | null>>;

const WINDOW_MS = 30 * 24 * 3_600_000;
const CAP = 2_000;

/** `2026-06-12T17:30:00.000+05:30` */
function timeText({ atMs, offsetMin }: Act): string {
  const local = new Date(atMs + (offsetMin ?? 0) * 60_000).toISOString();
  if (offsetMin === undefined) return local;
  const two = (n: number): string => String(n).padStart(2, "0");
  const far = Math.abs(offsetMin);
  const zone = `${two(Math.floor(far / 60))}:${two(far % 60)}`;
  return `${local.slice(0, -1)}${offsetMin < 0 ? "-" : "+"}${zone}`;
}

/** An act as RudderStack sends it. */
export function bodyOf(act: Act): object {
  const { id, user, item, request, reaction, dwellMs } = act;
  return {
    type: "track",
    event: reaction === undefined ? "Tip Served" : "Tip Feedback",
    messageId: id,
    userId: user,
    timestamp: timeText(act),
    properties: {
      item_id: item,
      ...(request === undefined ? {} : { request_id: request }),
      ...(reaction === undefined ? {} : { reaction }),
      ...(dwellMs === undefined ? {} : { dwell_ms: dwellMs }),
    },
  };
}

/**
 * The five features of one person from the definitions alone: over all acts at once, with none of
 * the code that computes them while events come in.
 */
export function offlineFeatures(all: readonly Act[], asOfMs: number): Values {
  const once = [...new Map(all.map((act) => [act.id, act])).values()];
  once.sort((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
  const acts = once.slice(-CAP).filter(({ atMs }) => atMs > asOfMs - WINDOW_MS && atMs <= asOfMs);
  const tipOf = ({ item, request }: Act): string => JSON.stringify([item, request ?? null]);
  const shown = new Map<string, number>();
  const reacted = new Map<string, Act[]>();
  for (const act of acts) {
    const tip = tipOf(act);
    if (act.reaction === undefined) shown.set(tip, shown.get(tip) ?? act.atMs);
    else reacted.set(tip, [...(reacted.get(tip) ?? []), act]);
  }
  const rate = (reaction: Act["reaction"]): number => {
    const hit = [...shown.keys()].filter((tip) =>
      reacted.get(tip)?.some((act) => act.reaction === reaction),
    );
    return shown.size === 0 ? 0 : hit.length / shown.size;
  };
  const dwells = [...reacted].flatMap(([tip, own]) => {
    const told = own.flatMap(({ dwellMs }) => dwellMs ?? []);
    if (told.length > 0) return [Math.max(...told)];
    const passed = (own[0] as Act).atMs - (shown.get(tip) ?? Number.POSITIVE_INFINITY);
    return passed >= 0 ? [passed] : [];
  });
  const hours = Array.from({ length: 24 }, () => 0);
  for (const own of reacted.values()) {
    const first = own.find(({ reaction }) => reaction === "done");
    if (first === undefined) continue;
    const hour = new Date(first.atMs + (first.offsetMin ?? 0) * 60_000).getUTCHours();
    hours[hour] = (hours[hour] as number) + 1;
  }
  const most = Math.max(...hours);
  const sum = dwells.reduce((total, dwell) => total + dwell, 0);
  return {
    completion_rate_30d: rate("done"),
    dismiss_rate_30d: rate("dismiss"),
    mean_dwell_ms_30d: dwells.length === 0 ? null : sum / dwells.length,
    preferred_hour: most === 0 ? null : hours.indexOf(most),
    tip_volume_30d: shown.size,
  };
}
