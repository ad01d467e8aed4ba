import { Button } from "../../ui/button.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Notice } from "../../ui/notice.tsx";
import { words } from "./strings.ts";

/** The secret of a key that was just made: the only time anybody sees it. */
export function MadeKey({ text, onDone }: { text: string; onDone: () => void }) {
  return (
    <Notice tone="good" title={words.made.title} isAlert>
      <div className="stack">
        <p>{words.made.text}</p>
        <CodeBlock text={text} />
        <div>
          <Button onPress={onDone}>{words.made.done}</Button>
        </div>
      </div>
    </Notice>
  );
}
