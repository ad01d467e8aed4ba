export const words = {
  title: "Dead letters",
  question: "What was refused?",
  none: "Nothing was refused",
  noneText:
    "What cannot be processed waits here with its cause. To see one, send an event that names nobody:",
  groups: {
    title: "By cause",
    about: (n: number, more: boolean) => (more ? `The newest ${n} letters` : `All ${n} letters`),
    columns: { code: "Code", app: "Service", count: "Letters", last: "Newest" },
    open: "Show",
    all: "All codes",
  },
  letters: {
    title: (code: string) => `Letters of ${code}`,
    columns: { received: "Received", detail: "Why", replays: "Replayed", open: "Event" },
    open: "Open",
  },
  one: {
    title: "One event",
    about:
      "Ids are the hashes that the live stream shows; other personal data is covered. A key with scope admin may see it as it was sent",
    show: "Show personal data",
    hide: "Cover personal data",
    gone: "It is not here any more: it was replayed or removed",
    truncated: "Its end was cut off: it was larger than a dead letter may be",
    facts: { id: "Id", code: "Code", detail: "Why", received: "Received", replays: "Replayed" },
  },
  replay: {
    dryAll: "Try all of this code",
    dryOne: "Try this one",
    realAll: "Replay all of this code",
    realOne: "Replay",
    title: "Replay",
    text: "Each is judged again, as of when it was received. What is good now is published and leaves the dead letters; what is refused again stays. Repeating it is harmless.",
    result: "What came of it",
    dry: "Tried only: nothing was published and nothing was removed.",
    done: (n: number) => (n === 1 ? "1 letter was published." : `${n} letters were published.`),
    columns: { id: "Letter", verdict: "Verdict", code: "Code" },
    verdicts: (n: number, verdict: string) => `${n} ${verdict}`,
  },
} as const;
