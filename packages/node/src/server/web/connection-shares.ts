import type { Server } from "node:net";
import { AddressClasses } from "../access/address-classes.ts";
import { plainAddress } from "../access/caller.ts";

/** Of all connections that there may be, the part that one address may have. */
const ADDRESS_SHARE = 1 / 8;
/** So many it may have however few there may be. */
const ADDRESS_CONNECTIONS_MIN = 64;

/** How many of `connectionsMax` one address may have. */
export const connectionsPerAddress = (connectionsMax: number): number =>
  Math.max(ADDRESS_CONNECTIONS_MIN, Math.floor(connectionsMax * ADDRESS_SHARE));

/**
 * Closes at once what an address (of IPv6 a /64) opens beyond its share of connections: with a request a minute on each it could keep
 * everybody else out. This machine's own address has no share, nor any where proxies are trusted: there everybody may come from one.
 */
export function shareConnections(server: Pick<Server, "on">, connectionsMax: number): void {
  const max = connectionsPerAddress(connectionsMax);
  const addresses = new AddressClasses([], []);
  const counts = new Map<string, number>();
  server.on("connection", (socket) => {
    const { id, isExempt } = addresses.of(plainAddress(socket.remoteAddress ?? ""));
    if (isExempt) return;
    const count = counts.get(id) ?? 0;
    if (count >= max) {
      socket.destroy();
      return;
    }
    counts.set(id, count + 1);
    socket.once("close", () => {
      const left = counts.get(id)! - 1;
      if (left > 0) counts.set(id, left);
      else counts.delete(id);
    });
  });
}
