import type { ArchiveReader } from "@signalpath/ports";

const SAVE_EVERY_MS = 1_000;

/** Writes a consumer's offset: coalesced, at least every second while it moves, and at the end. */
export interface OffsetSaver {
  schedule(): void;
  /** Saves now. A store that is down is reported: what it missed comes again, which changes nothing. */
  finish(): Promise<void>;
}

export function createOffsetSaver(options: {
  durable: string;
  startAfter: number;
  offset: () => number;
  reader: Pick<ArchiveReader, "saveOffset">;
  onError: (error: unknown, what: string) => void;
}): OffsetSaver {
  const { durable, reader, onError } = options;
  let saved = options.startAfter;
  let saving: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function save(): Promise<void> {
    const reached = options.offset();
    if (reached <= saved) return;
    try {
      await reader.saveOffset(durable, reached);
      saved = reached;
    } catch (error) {
      onError(error, `saving the offset of ${durable}`);
      schedule();
    }
  }

  function schedule(): void {
    if (timer !== undefined || options.offset() <= saved) return;
    timer = setTimeout(() => {
      timer = undefined;
      saving = save().finally(() => (saving = undefined));
    }, SAVE_EVERY_MS);
  }

  return {
    schedule,
    async finish() {
      await saving;
      await save();
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
