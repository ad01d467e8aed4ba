import { useEffect, useState } from "react";

import { strings } from "../strings.ts";
import { Button } from "./button.tsx";

const SHOWN_MS = 2_000;

/** Text to take along, such as a command, with a button that copies it. */
export function CodeBlock({ text }: { text: string }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <div className="code">
      <pre>
        <code>{text}</code>
      </pre>
      {/* Browsers hand out a clipboard on https and loopback only. */}
      {isSecureContext && (
        <Button isSmall onPress={() => void copy()}>
          {isCopied ? strings.copied : strings.copy}
        </Button>
      )}
    </div>
  );
}
