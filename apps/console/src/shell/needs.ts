/** Something the buttons of a page need beside scope read. */
interface Need {
  scope: "write" | "predict" | "admin";
  /** What cannot be done without it. */
  lacking: string;
}

/** By the first part of a page's path; a page that is not here only reads, or says itself what it needs. */
export const NEEDS: Readonly<Record<string, readonly Need[]>> = {
  users: [{ scope: "admin", lacking: "nobody can be erased." }],
  content: [{ scope: "write", lacking: "nothing can be imported." }],
  models: [
    { scope: "write", lacking: "no model can be trained, promoted or switched." },
    { scope: "predict", lacking: "shadow slots are not compared." },
  ],
  experiments: [{ scope: "write", lacking: "no experiment can be created, started or stopped." }],
  "dead-letters": [
    { scope: "write", lacking: "nothing can be replayed." },
    { scope: "admin", lacking: "personal data stays covered." },
  ],
};

export const lacksScope = (scope: string) => `This key has no scope ${scope}:`;
