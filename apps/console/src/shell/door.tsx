import { useEffect, useMemo, useState, type ReactNode } from "react";

import { createApiClient } from "../api/client.ts";
import { forgetKey, storedKey, storeKey } from "../api/session.ts";
import { SessionContext, type Session } from "../api/use-api.ts";
import { SignIn } from "./sign-in.tsx";

/** Shows the console to whoever has a key that may read, and the sign-in to everybody else. */
export function Door(props: { children: ReactNode; onSignOut: () => void }) {
  const [apiKey, setApiKey] = useState(storedKey);
  const { onSignOut } = props;
  useEffect(() => {
    if (apiKey === undefined) onSignOut();
  }, [apiKey, onSignOut]);
  const session = useMemo<Session | undefined>(() => {
    if (apiKey === undefined) return undefined;
    const signOut = () => {
      forgetKey();
      setApiKey(undefined);
    };
    return { api: createApiClient(apiKey), apiKey, signOut };
  }, [apiKey]);
  if (session === undefined) {
    const open = (key: string) => {
      storeKey(key);
      setApiKey(key);
    };
    return <SignIn onKey={open} />;
  }
  return <SessionContext value={session}>{props.children}</SessionContext>;
}
