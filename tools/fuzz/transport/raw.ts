import { connect, type Socket } from "node:net";

/** A server that has not closed by then never will, milliseconds. */
const LONGEST_MS = 20_000;

export interface Exchange {
  /** All that the server sent. */
  text: string;
  /** Statuses of the answers in it, in order. */
  statuses: number[];
  /** Nobody closed the connection. */
  isStuck: boolean;
}

/**
 * Writes to a fresh connection and reads until the server closes it.
 * @param write may write in pieces, half-close or destroy the socket
 * @param enough ends the reading early, when the text is what was waited for
 */
export function exchange(
  port: number,
  write: (socket: Socket) => void | Promise<void>,
  enough: (seen: Exchange) => boolean = () => false,
): Promise<Exchange> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    const chunks: Buffer[] = [];
    let isStuck = false;
    const stuck = setTimeout(() => {
      isStuck = true;
      socket.destroy();
    }, LONGEST_MS);
    const seen = (): Exchange => {
      const text = Buffer.concat(chunks).toString("latin1");
      const statuses = [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map((match) =>
        Number(match[1]),
      );
      return { text, statuses, isStuck };
    };
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      if (enough(seen())) socket.destroy();
    });
    // A reset is one of the ways in which a server may close.
    socket.on("error", () => socket.destroy());
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      clearTimeout(stuck);
      resolve(seen());
    });
    socket.on("connect", () => void write(socket));
  });
}
