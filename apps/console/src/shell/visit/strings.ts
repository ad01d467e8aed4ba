/** Words of the guided visit. */
export const words = {
  title: "Guided visit",
  step: (at: number, all: number) => `Step ${at} of ${all}`,
  next: "Next",
  back: "Back",
  later: "Hide",
  resume: "Continue the guided visit",
  finish: "Finish",
  flow: {
    title: "It is flowing",
    text: "Simulated visitors read, like and dismiss items of the sample catalogue. Every row below is one of their events, judged as it arrived.",
  },
  pick: {
    title: "Pick a visitor",
    text: "Each has tastes of their own. Look at one: what they did, what is believed of them, and the list they would be shown.",
    label: "Visitor",
    go: (name: string) => `Look at ${name}`,
  },
  like: {
    title: "Like something in their name",
    text: (name: string) => `These stand first in ${name}'s list. A like is sent as any event is.`,
    button: (title: string) => `Like: ${title}`,
    waiting: "Sent. Waiting for the model to be built anew.",
    late: "The event was stored, but no newer model came within 30 s. Look at System.",
  },
  changed: {
    title: "The list followed",
    summary: (ms: string, moved: number, all: number) =>
      `A new list ${ms} after the like: ${moved} of ${all} places changed.`,
    model: (from: number, to: number) => `The model went from ${from} to ${to} events.`,
    gone: "The liked item is gone from the list: what was seen is not shown again.",
    first: (title: string, why: string) => `First now: ${title}. Why: ${why}`,
    none: "Like something in the step before; what changed is told here.",
  },
  equal: {
    title: "An experiment that must find nothing",
    text: "The same ranking twice (A/A). Health first: does the split hold, does nobody switch sides? Then the intervals: they should hold zero. If an A/A finds something, do not believe any other.",
    go: "Open the A/A experiment",
  },
  planted: {
    title: "An experiment with a planted lift",
    text: "Here the second variation is liked 35% more often, because the demo makes it so. Read whether the interval of “liked” lies above zero, and whether the planted lift lies inside it.",
    go: "Open the A/B experiment",
  },
  missing: "It is not there yet: its history is laid in the first seconds. Try again.",
  done: "That is the whole loop. Send events of your own next: the API reference has every call.",
} as const;
