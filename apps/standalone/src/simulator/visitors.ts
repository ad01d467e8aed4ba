/** One simulated person and what they care for (themes and topics of the sample catalogue). */
export interface Visitor {
  userId: string;
  /** The device they come from; the link is made by the first event that carries both. */
  anonymousId: string;
  loves: readonly string[];
  bored: readonly string[];
  /** 0 = skims everything, 1 = reads to the end. */
  patience: number;
  traits: Readonly<Record<string, string | number>>;
  /** What they search for now and then. */
  queries: readonly string[];
}

function visitor(
  userId: string,
  taste: Pick<Visitor, "loves" | "bored" | "patience" | "queries">,
  traits: Visitor["traits"],
): Visitor {
  return { userId, anonymousId: `device-${userId}`, ...taste, traits };
}

/**
 * The visitor whose list the printed curl shows. Came once, before the first answer, and left much
 * unseen: the list stays rich, and what changes it is what somebody does in this name.
 */
export const SHOWN_VISITOR = "mara";

export const VISITORS: readonly Visitor[] = [
  visitor(
    SHOWN_VISITOR,
    { loves: ["fair work", "forced labor"], bored: ["money"], patience: 0.9, queries: ["label"] },
    { interest: "supply chains", city: "Hildesheim" },
  ),
  visitor(
    "jonas",
    { loves: ["energy", "solar"], bored: ["cooking"], patience: 0.7, queries: ["battery"] },
    { interest: "solar", age: 41 },
  ),
  visitor(
    "lea",
    { loves: ["cooking", "baking"], bored: ["cars"], patience: 0.6, queries: ["bread"] },
    { interest: "baking", household: "family" },
  ),
  visitor(
    "emre",
    {
      loves: ["city and mobility", "cycling"],
      bored: ["gardening"],
      patience: 0.5,
      queries: ["bike"],
    },
    { interest: "cycling", age: 27 },
  ),
  visitor(
    "ines",
    { loves: ["nature", "birds"], bored: ["computing"], patience: 0.8, queries: ["owl", "swift"] },
    { interest: "birds", city: "Hildesheim" },
  ),
  visitor(
    "paul",
    { loves: ["money", "investing"], bored: ["fermenting"], patience: 0.4, queries: ["fund"] },
    { interest: "investing", age: 35 },
  ),
  visitor(
    "sofia",
    { loves: ["learning", "languages"], bored: ["heating"], patience: 0.8, queries: ["words"] },
    { interest: "languages", age: 22 },
  ),
  visitor(
    "ben",
    { loves: ["health", "movement"], bored: ["debt"], patience: 0.5, queries: ["back", "sleep"] },
    { interest: "movement", age: 52 },
  ),
  visitor(
    "noor",
    { loves: ["fair work", "learning"], bored: ["cars"], patience: 0.7, queries: ["wage"] },
    { interest: "organising", household: "shared flat" },
  ),
  visitor(
    "viktor",
    { loves: ["energy", "money"], bored: ["walking"], patience: 0.3, queries: ["tariff"] },
    { interest: "electricity", age: 63 },
  ),
  visitor(
    "amelie",
    { loves: ["nature", "cooking"], bored: ["investing"], patience: 0.9, queries: ["seed"] },
    { interest: "gardening", household: "garden" },
  ),
  visitor(
    "tom",
    { loves: ["city and mobility", "health"], bored: ["taxes"], patience: 0.2, queries: ["bus"] },
    { interest: "public transport", age: 19 },
  ),
];

/** Those who keep coming. */
export const RETURNING_VISITORS: readonly Visitor[] = VISITORS.filter(
  ({ userId }) => userId !== SHOWN_VISITOR,
);
