import { useId } from "react";

import type { Scope } from "./queries.ts";
import { words } from "./strings.ts";

const SCOPES = Object.keys(words.scopes) as Scope[];

/** No frame of its own: the card has one. */
const PLAIN = { border: 0, margin: 0, padding: 0 } as const;
/** The box stays beside its words on a phone; the words are text, not a heading. */
const LINE = { flexWrap: "nowrap", fontWeight: 400 } as const;

interface ScopeChoiceProps {
  chosen: readonly Scope[];
  onChange: (scopes: readonly Scope[]) => void;
  isMissing: boolean;
}

/** Scopes of an API key, each with what it allows. */
export function ScopeChoice({ chosen, onChange, isMissing }: ScopeChoiceProps) {
  const errorId = useId();
  const toggle = (scope: Scope) =>
    onChange(chosen.includes(scope) ? chosen.filter((one) => one !== scope) : [...chosen, scope]);
  return (
    <fieldset
      className="field"
      style={PLAIN}
      {...(isMissing ? { "aria-describedby": errorId } : {})}
    >
      <legend className="label">{words.create.scopes}</legend>
      {SCOPES.map((scope) => (
        <label key={scope} className="row" style={LINE}>
          <input type="checkbox" checked={chosen.includes(scope)} onChange={() => toggle(scope)} />
          {words.scopes[scope]}
        </label>
      ))}
      {isMissing && (
        <span id={errorId} role="alert" slot="errorMessage">
          {words.create.scopesMissing}
        </span>
      )}
    </fieldset>
  );
}
