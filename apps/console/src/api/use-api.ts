import { createContext, useContext } from "react";

import type { ApiClient } from "./client.ts";

/** Who is signed in in this tab. */
export interface Session {
  api: ApiClient;
  /** For what the client cannot do: reading a stream. */
  apiKey: string;
  signOut: () => void;
}

export const SessionContext = createContext<Session | undefined>(undefined);

/** @throws outside the signed-in part of the console. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error("nobody is signed in here");
  return session;
}

/** The typed client with the key that is signed in. */
export function useApi(): ApiClient {
  return useSession().api;
}
