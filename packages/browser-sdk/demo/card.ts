import type { RecommendedItem } from "../src/index.ts";

/** What the catalogue says about an item, as far as it is shown. */
interface Content {
  title?: string;
  text?: string;
  tags?: { label: string }[];
}
export interface CardActions {
  like: () => void;
  dismiss: () => void;
  open: () => void;
}

export const contentOf = (item: RecommendedItem): Content => item.content ?? {};
export const titleOf = (item: RecommendedItem): string => contentOf(item).title ?? item.item_id;

/** @param before place in the list shown before; undefined = it was not in it. */
export function cardOf(
  item: RecommendedItem,
  before: number | undefined | "first",
  actions: CardActions,
): HTMLLIElement {
  const { text = "" } = contentOf(item);
  const card = make("li", "card");
  card.dataset["item"] = item.item_id;
  card.classList.toggle("is-new", before === undefined);
  const title = make("h3");
  title.append(make("span", "place", `${item.position}. `), titleOf(item));
  const head = make("div", "card-head");
  head.append(title);
  const moved = movedText(item.position, before);
  if (moved !== undefined) head.append(make("span", "moved", moved));
  const buttons = make("div", "buttons");
  buttons.append(
    button("Like", item, actions.like),
    button("Open", item, actions.open, true),
    button("Dismiss", item, actions.dismiss, true),
  );
  card.append(head, tagsOf(item), make("p", "excerpt", excerptOf(text)), reasonsOf(item), buttons);
  return card;
}

/** The item's own words for what it is about. */
export function tagsOf(item: RecommendedItem): HTMLElement {
  const tags = make("p", "tags");
  for (const { label } of (contentOf(item).tags ?? []).slice(0, 4)) {
    tags.append(make("span", "tag", label));
  }
  return tags;
}

function reasonsOf(item: RecommendedItem): HTMLElement {
  const list = make("ul", "reasons");
  list.setAttribute("aria-label", "Why this is here");
  for (const { text, weight } of item.reasons) {
    const share = Math.min(1, weight / Math.max(item.score, 1e-9));
    const row = make("li", "reason");
    const meter = make("meter");
    meter.value = share;
    meter.setAttribute("aria-label", `${Math.round(share * 100)} % of the score`);
    row.append(make("span", "", text), meter);
    list.append(row);
  }
  return list;
}

function movedText(now: number, before: number | undefined | "first"): string | undefined {
  if (before === "first" || before === now) return undefined;
  if (before === undefined) return "new";
  return before > now ? `up ${before - now}` : `down ${now - before}`;
}

function excerptOf(text: string): string {
  return text.length <= 180 ? text : `${text.slice(0, text.lastIndexOf(" ", 180))} …`;
}

function button(name: string, item: RecommendedItem, act: () => void, quiet = false): HTMLElement {
  const made = make("button", quiet ? "quiet" : "", name);
  made.type = "button";
  made.setAttribute("aria-label", `${name}: ${titleOf(item)}`);
  made.addEventListener("click", act);
  return made;
}

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = "",
  text = "",
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  if (text !== "") element.textContent = text;
  return element;
}
