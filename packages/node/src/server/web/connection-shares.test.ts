import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { connectionsPerAddress, shareConnections } from "./connection-shares.ts";

const MAX = 1024;
const SHARE = 128;

function server() {
  const emitter = new EventEmitter();
  shareConnections(emitter as never, MAX);
  return (remoteAddress: string) => {
    const socket = Object.assign(new EventEmitter(), { remoteAddress, isOpen: true, destroy: () => {} });
    socket.destroy = () => {
      if (socket.isOpen) socket.emit("close");
      socket.isOpen = false;
    };
    emitter.emit("connection", socket);
    return socket;
  };
}

test("an eighth of all connections is an address's share, and never less than 64", () => {
  expect([connectionsPerAddress(8192), connectionsPerAddress(MAX), connectionsPerAddress(10)]).toEqual([
    1024,
    SHARE,
    64,
  ]);
});

test.each([
  ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"],
  ["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:3::1"],
])("%s has its share and no more, whatever others have", (one, same, other) => {
  const open = server();
  const sockets = Array.from({ length: SHARE }, () => open(one));
  expect(sockets.every(({ isOpen }) => isOpen)).toBe(true);
  expect([open(same).isOpen, open(other).isOpen]).toEqual([false, true]);
  sockets[5]!.destroy();
  expect([open(same).isOpen, open(one).isOpen]).toEqual([true, false]);
});

test.each(["127.0.0.1", "::1", "::ffff:127.0.0.2"])("%s has no share", (address) => {
  const open = server();
  expect(Array.from({ length: SHARE + 1 }, () => open(address).isOpen)).not.toContain(false);
});
