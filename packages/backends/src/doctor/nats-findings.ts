import type { ServerDescription } from "@signalpath/adapter-nats";

import type { Finding } from "./finding.ts";

/** What a bus at `url` (one server or several, separated by commas) is worth. */
export function natsFindings(url: string, server: ServerDescription): Finding[] {
  const { version, jetStream, authRequired, missing } = server;
  const nats = (verdict: Finding["verdict"], what: string): Finding => ({
    about: "nats",
    verdict,
    what,
  });
  const far = url.split(",").filter((one) => !isLoopback(one.trim()));
  return [
    jetStream
      ? nats("ok", `nats-server ${version} with JetStream`)
      : nats("refused", `nats-server ${version} without JetStream: start it with -js`),
    ...(authRequired || far.length === 0
      ? []
      : [
          nats(
            "refused",
            "takes anybody without a password or key, and is not on loopback (infra/nats.conf)",
          ),
        ]),
    ...missing.map((feature) => nats("warning", feature)),
  ];
}

/** Of a URL whose host cannot be read: no. */
export function isLoopback(url: string): boolean {
  const text = url.includes("://") ? url : `nats://${url}`;
  if (!URL.canParse(text)) return false;
  const host = new URL(text).hostname.toLowerCase();
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
