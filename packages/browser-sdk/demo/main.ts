import {
  createSignalpath,
  SignalpathError,
  type RecommendedItem,
  type Signalpath,
} from "../src/index.ts";
import { cardOf, contentOf, make, tagsOf, titleOf } from "./card.ts";

interface DemoConfig {
  key: string;
  visitors: { user_id: string; about: string }[];
}

const LIMIT = 8;
/** After an event the list is asked for again at these times, milliseconds, until it changed. */
const LOOK_AGAIN_MS = [60, 150, 300, 600, 1_200, 2_000];

function byId(id: string): HTMLElement;
function byId<T extends HTMLElement>(id: string, kind: new () => T): T;
function byId(id: string, kind: new () => HTMLElement = HTMLElement): HTMLElement {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no #${id}`);
  return found;
}
const feed = byId("feed");
const state = byId("state");
const story = byId("story");
const trouble = byId("trouble");
const visitor = byId("visitor", HTMLSelectElement);
const consent = byId("consent", HTMLInputElement);
const reader = byId("reader", HTMLDialogElement);

/** The list on the page, and who looks at it. */
let shown: readonly RecommendedItem[] | undefined;
let signals: Signalpath;

function begin(config: DemoConfig): void {
  const as = visitor.value;
  signals = createSignalpath({
    key: config.key,
    // Each persona is a visitor of its own; what one does never links them.
    name: as === "" ? "signalpath" : `signalpath-as-${as}`,
    consent: consent.checked ? "granted" : "denied",
    flushAfterMs: 300,
    onError: (error) => complain(error),
  });
  if (as !== "" && signals.ids().userId !== as) signals.identify(as);
  shown = undefined;
  void refresh();
}

/** Asks for the list once, and shows it. @returns whether it is another one than before. */
async function refresh(): Promise<boolean> {
  const asker = signals;
  try {
    const list = await asker.recommend({ limit: LIMIT });
    if (asker !== signals) return true;
    const isOther = idsOf(list.items) !== idsOf(shown ?? []);
    if (isOther || shown === undefined) render(list.items);
    const cold = "You are new here: this is what others like.";
    state.textContent = list.strategy === "cold" ? cold : "Made for you.";
    trouble.hidden = true;
    return isOther;
  } catch (error) {
    complain(error);
    return false;
  } finally {
    feed.setAttribute("aria-busy", "false");
  }
}

const idsOf = (items: readonly RecommendedItem[]) => items.map((item) => item.item_id).join("\n");

function render(items: readonly RecommendedItem[]): void {
  const before = new Map(shown?.map((item) => [item.item_id, item.position]));
  const isFirst = shown === undefined;
  shown = items;
  const cards = items.map((item) => {
    const place = isFirst ? "first" : before.get(item.item_id);
    const card = cardOf(item, place, {
      like: () => void act(item, `liked “${titleOf(item)}”`, () => signals.react(item, "like")),
      dismiss: () =>
        void act(item, `dismissed “${titleOf(item)}”`, () => signals.react(item, "dismiss")),
      open: () => read(item),
    });
    signals.observe(card, item);
    return card;
  });
  feed.replaceChildren(...cards);
  if (items.length === 0) feed.append(make("li", "card", "Nothing is left to show."));
}

/** Tells what happened and watches the list until it has changed. */
async function act(item: RecommendedItem, what: string, tell: () => void): Promise<void> {
  if (signals.ids().userId === undefined && !consent.checked) {
    note(`You ${what}; nothing was sent.`, false);
    return;
  }
  const line = note(`You ${what} …`, false);
  const startedAt = performance.now();
  tell();
  await signals.flush();
  count();
  for (const ms of LOOK_AGAIN_MS) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    if (!(await refresh())) continue;
    const took = Math.round(performance.now() - startedAt);
    line.textContent = `You ${what}: another list after ${took} ms.`;
    line.className = "is-good";
    byId("list-title").scrollIntoView({ block: "nearest" });
    return;
  }
  line.textContent = `You ${what}: stored, the list stays as it is.`;
  feed
    .querySelector(`[data-item="${CSS.escape(item.item_id)}"] button`)
    ?.setAttribute("data-done", "");
}

function read(item: RecommendedItem): void {
  const view = signals.view(item);
  byId("reader-title").textContent = titleOf(item);
  byId("reader-text").textContent = contentOf(item).text ?? "";
  byId("reader-tags").replaceChildren(...tagsOf(item).children);
  let isDone = false;
  byId("reader-done").onclick = () => {
    isDone = true;
    reader.close();
  };
  byId("reader-close").onclick = () => reader.close();
  reader.onclose = () => {
    const what = isDone ? `read “${titleOf(item)}”` : `looked into “${titleOf(item)}”`;
    void act(item, what, () => {
      view.end(isDone ? "next" : "close");
      if (isDone) signals.react(item, "done");
    });
  };
  reader.showModal();
}

function note(text: string, isGood: boolean): HTMLLIElement {
  const line = make("li", isGood ? "is-good" : "", text);
  story.prepend(line);
  while (story.children.length > 8) story.lastElementChild?.remove();
  return line;
}

function complain(error: unknown): void {
  const words =
    error instanceof SignalpathError ? `${error.message} (${error.code})` : String(error);
  trouble.textContent = `${words}. What you do is kept and sent later.`;
  trouble.hidden = false;
}

function count(): void {
  for (const [name, value] of Object.entries(signals.stats())) {
    const place = document.getElementById(name);
    if (place !== null) place.textContent = String(value);
  }
}

const config = (await (await fetch("/demo/config.json")).json()) as DemoConfig;
visitor.append(new Option("yourself, in this browser", ""));
for (const { user_id, about } of config.visitors) {
  visitor.append(new Option(`${user_id}, who cares for ${about}`, user_id));
}
visitor.addEventListener("change", () => {
  signals.close();
  story.replaceChildren();
  begin(config);
});
consent.addEventListener("change", () =>
  signals.setConsent(consent.checked ? "granted" : "denied"),
);
byId("who", HTMLFormElement).addEventListener("submit", (event) => event.preventDefault());
setInterval(count, 1_000);
begin(config);
