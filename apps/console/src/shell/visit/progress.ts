import { useSyncExternalStore } from "react";

/** How far the guided visit came; kept by the browser, so that it can be taken up again. */
export interface Progress {
  step: number;
  visitor: string;
  isHidden: boolean;
}

const STORED = "signalpath.visit";
const CHANGED = "signalpath-visit";
const START: Progress = { step: 0, visitor: "mara", isHidden: false };

function stored(): string {
  return localStorage.getItem(STORED) ?? "";
}

function read(text: string): Progress {
  if (text === "") return START;
  const { step, visitor, isHidden } = JSON.parse(text) as Partial<Progress>;
  return {
    step: step ?? START.step,
    visitor: visitor ?? START.visitor,
    isHidden: isHidden ?? START.isHidden,
  };
}

export function saveProgress(change: Partial<Progress>): void {
  localStorage.setItem(STORED, JSON.stringify({ ...read(stored()), ...change }));
  dispatchEvent(new Event(CHANGED));
}

export function useProgress(): Progress {
  const text = useSyncExternalStore((onChange) => {
    addEventListener(CHANGED, onChange);
    return () => removeEventListener(CHANGED, onChange);
  }, stored);
  return read(text);
}
