import type { SignalEvent } from "../events/types.ts";

/** Base64url SHA-256 of the UTF-8 form of a text, 43 characters. Handed in: domain imports nothing. */
export type Sha256 = (text: string) => string;

/** User ids and anonymous ids never meet: a device called `alice` is not the user `alice`. */
export type NameSpace = "user" | "anonymous";

/**
 * What a store knows a person by: 22 base64url characters of SHA-256(project, name space, id).
 * Raw ids are data and never become part of a key, a subject or SQL.
 */
export type UserKey = string & { readonly __brand: "UserKey" };

/** Key of one id. Length-prefixed parts, so that no two triples share a text. */
export function userKey(sha256: Sha256, projectId: number, space: NameSpace, id: string): UserKey {
  return sha256(`${projectId}/${space}/${id.length}/${id}`).slice(0, 22) as UserKey;
}

/** Where an event belongs before any link is followed: its user, else its device. */
export function subjectKey(sha256: Sha256, event: SignalEvent): UserKey | undefined {
  if (event.user_id !== undefined) return userKey(sha256, event.project_id, "user", event.user_id);
  if (event.anonymous_id === undefined) return undefined;
  return userKey(sha256, event.project_id, "anonymous", event.anonymous_id);
}

/** A link an event proposes; the archive decides once whether it holds. */
export interface ProposedLink {
  kind: "anonymous" | "alias";
  from: UserKey;
  to: UserKey;
}

/**
 * Links an event proposes: its anonymous id to its user id, and for an alias its previous id to its
 * user id. A previous id that equals the event's anonymous id is that device, any other is a user.
 */
export function proposedLinks(sha256: Sha256, event: SignalEvent): ProposedLink[] {
  if (event.user_id === undefined) return [];
  const { project_id } = event;
  const to = userKey(sha256, project_id, "user", event.user_id);
  const links: ProposedLink[] = [];
  if (event.anonymous_id !== undefined) {
    const from = userKey(sha256, project_id, "anonymous", event.anonymous_id);
    links.push({ kind: "anonymous", from, to });
  }
  if (event.previous_id !== undefined && event.previous_id !== event.anonymous_id) {
    const from = userKey(sha256, project_id, "user", event.previous_id);
    if (from !== to) links.push({ kind: "alias", from, to });
  }
  return links;
}
