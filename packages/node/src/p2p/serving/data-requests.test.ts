import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Hash256 } from "@bitfleet/protocol/primitives/types.ts";
import { type InventoryItem, InventoryType } from "@bitfleet/protocol/wire/relay.ts";
import { expect, test } from "vitest";
import { GENESIS, mine } from "../../chain/test-kit.ts";
import type { Peer } from "../peer.ts";
import { deliver, TestLog, type TestPeer, testPeer } from "../test-kit.ts";
import { DataRequests } from "./data-requests.ts";

const { TX, WTX, BLOCK, WITNESS_TX, WITNESS_BLOCK, COMPACT_BLOCK, FILTERED_BLOCK } = InventoryType;

const hashOf = (first: number) => new Uint8Array(32).fill(first) as Hash256;
const item = (kind: number, first: number): InventoryItem => ({ kind, hash: hashOf(first) });

function setUp({ relays = true, serve = (_peer: Peer, _hash: number): void | Promise<void> => {} } = {}) {
  const log = new TestLog();
  const tx = mine(GENESIS).block.transactions[0]!;
  const known = new Map<number, Transaction>([[1, tx]]);
  /** Order of everything that is done for the peer. */
  const steps: string[] = [];
  const module = new DataRequests({
    blocks: {
      serve: async (peer, kind, hash) => {
        steps.push(`block ${kind} ${hash[0]}`);
        await serve(peer, hash[0]!);
      },
    },
    relaysTransactions: () => relays,
    findTransaction: (_, { hash }) => known.get(hash[0]!),
    log,
  });
  const peer = testPeer();
  const { connection } = peer;
  const send = connection.send.bind(connection);
  connection.send = (type, payload) => {
    send(type, payload);
    const message = connection.sent.at(-1)!;
    steps.push(message.type === "notfound" ? `notfound ${message.items.map(({ hash }) => hash[0])}` : message.type);
  };
  const ask = (...items: readonly InventoryItem[]) => deliver(module, peer, { type: "getdata", items });
  return { log, steps, peer, ask, module };
}

const sentOf = (peer: TestPeer) => peer.connection.sent;

test("transactions come with witnesses to who asked so", async () => {
  const { ask, peer } = setUp();
  await ask(item(TX, 1), item(WITNESS_TX, 1), item(WTX, 1));
  expect(sentOf(peer).map((message) => message.type === "tx" && message.tx.inputs[0]!.witness.length)).toEqual([
    0, 1, 1,
  ]);
});

test("what is not to be had is told at the end, as it was asked for", async () => {
  const { ask, steps, peer } = setUp();
  await ask(item(TX, 7), item(TX, 1), item(WTX, 8));
  expect(steps).toEqual(["tx", "notfound 7,8"]);
  expect(peer.connection.take("notfound")[0]!.items).toEqual([item(TX, 7), item(WTX, 8)]);
});

test("nothing is told where all was found", async () => {
  const { ask, steps } = setUp();
  await ask(item(TX, 1));
  expect(steps).toEqual(["tx"]);
});

test("blocks of every form come in between, and with each what was missing up to it", async () => {
  const { ask, steps } = setUp();
  await ask(item(TX, 7), item(BLOCK, 2), item(TX, 8), item(WITNESS_BLOCK, 3), item(TX, 1), item(TX, 9));
  expect(steps).toEqual([
    `block ${BLOCK} 2`,
    "notfound 7",
    `block ${WITNESS_BLOCK} 3`,
    "notfound 8",
    "tx",
    "notfound 9",
  ]);
  steps.length = 0;
  await ask(item(COMPACT_BLOCK, 2), item(FILTERED_BLOCK, 3));
  expect(steps).toEqual([`block ${COMPACT_BLOCK} 2`, `block ${FILTERED_BLOCK} 3`]);
});

test("items of unknown kind are passed over in silence", async () => {
  const { ask, steps } = setUp();
  await ask(item(0, 7), item(99, 7), item(TX, 1));
  expect(steps).toEqual(["tx"]);
});

test("who wants no transactions gets none and no word of it, blocks all the same", async () => {
  const { ask, steps } = setUp({ relays: false });
  await ask(item(TX, 1), item(TX, 7), item(BLOCK, 2));
  expect(steps).toEqual([`block ${BLOCK} 2`]);
});

test("a slow reader holds back the rest until it has read", async () => {
  const { ask, steps, peer } = setUp();
  peer.connection.isSendPaused = true;
  const done = ask(item(TX, 1), item(BLOCK, 2));
  await Promise.resolve();
  expect(steps).toEqual([]);
  peer.connection.drain();
  await done;
  expect(steps).toEqual(["tx", `block ${BLOCK} 2`]);
});

test("each block waits for the one before", async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { ask, steps } = setUp({ serve: (_, hash) => (hash === 2 ? held : undefined) });
  const done = ask(item(BLOCK, 2), item(BLOCK, 3));
  await new Promise((resolve) => setImmediate(resolve));
  expect(steps).toEqual([`block ${BLOCK} 2`]);
  release();
  await done;
  expect(steps).toEqual([`block ${BLOCK} 2`, `block ${BLOCK} 3`]);
});

test("nothing more is made once the peer is gone", async () => {
  const { ask, steps } = setUp({ serve: (peer) => peer.connection.close() });
  await ask(item(TX, 7), item(BLOCK, 2), item(TX, 1), item(BLOCK, 3));
  expect(steps).toEqual([`block ${BLOCK} 2`]);
});

test("the request is logged with its first item", async () => {
  const { ask, log, peer } = setUp();
  await ask();
  await ask(item(WTX, 1), item(TX, 1));
  expect(log.lines).toEqual([
    `[net] received getdata (0 invsz) peer=${peer.id}`,
    `[net] received getdata (2 invsz) peer=${peer.id}`,
    `[net] received getdata for: wtx ${"01".repeat(32)} peer=${peer.id}`,
  ]);
});
