import { describe, expect, test } from "vitest";
import { systemRandom } from "../../clock.ts";
import { deliver, TestLog, TestPeers, testPeer } from "../test-kit.ts";
import { Reconciliation } from "./reconciliation.ts";

const MESSAGE = { type: "sendtxrcncl" as const, version: 1, salt: 2n };

function setUp(options: { isEnabled?: boolean; ignores?: boolean; rejects?: boolean } = {}) {
  const [log, peers] = [new TestLog(), new TestPeers()];
  const { isEnabled = true, ignores = false, rejects = false } = options;
  const module = new Reconciliation(
    { isEnabled, ignoresTransactions: ignores, rejectsTransactions: () => rejects },
    { peers, log, random: systemRandom },
  );
  const greeting = (...[fields, peerOptions]: Parameters<typeof testPeer>) => {
    const peer = testPeer({ isReady: false, ...fields }, peerOptions);
    peers.list.push(peer);
    module.peerVersion(peer);
    return peer;
  };
  const ends = () => peers.disconnected.map(({ why }) => why);
  return { log, peers, module, greeting, ends };
}

describe("sendtxrcncl (BIP330)", () => {
  test("is offered to who relays transactions by wtxid", () => {
    const { greeting } = setUp();
    expect(greeting().connection.take("sendtxrcncl")).toMatchObject([{ version: 1 }]);
    expect(greeting({ commonVersion: 70_015 }).connection.sent).toEqual([]);
    expect(greeting({ relaysTransactions: false }).connection.sent).toEqual([]);
    expect(greeting({}, { connectionType: "addr-fetch" }).connection.sent).toEqual([]);
  });

  test.each([[{ isEnabled: false }], [{ ignores: true }]])("is not offered with %j", (options) => {
    expect(setUp(options).greeting().connection.sent).toEqual([]);
  });

  test("is accepted once", async () => {
    const { module, greeting, ends } = setUp();
    const peer = greeting();
    await deliver(module, peer, MESSAGE);
    expect(ends()).toEqual([]);
    await deliver(module, peer, MESSAGE);
    expect(ends()).toEqual(["txreconciliation protocol violation (sendtxrcncl received from already registered peer)"]);
  });

  test("of version 0 ends the connection, of a higher one does not", async () => {
    const { module, greeting, ends } = setUp();
    await deliver(module, greeting(), { ...MESSAGE, version: 2 });
    expect(ends()).toEqual([]);
    await deliver(module, greeting(), { ...MESSAGE, version: 0 });
    expect(ends()).toEqual(["txreconciliation protocol violation"]);
  });

  test("after verack ends the connection", async () => {
    const { module, greeting, ends } = setUp();
    const peer = greeting();
    peer.isReady = true;
    await deliver(module, peer, MESSAGE);
    expect(ends()).toEqual(["sendtxrcncl received after verack"]);
  });

  test.each([
    [{ rejects: true }, {}, "sendtxrcncl received to which we indicated no tx relay"],
    [{}, { relaysTransactions: false }, "sendtxrcncl received which indicated no tx relay to us"],
  ])("where no transactions are relayed ends the connection", async (options, fields, why) => {
    const { module, greeting, ends } = setUp(options);
    await deliver(module, greeting(fields), MESSAGE);
    expect(ends()).toEqual([why]);
  });

  test("without having been offered, or with it switched off, is only noted", async () => {
    const off = setUp({ isEnabled: false });
    await deliver(off.module, off.greeting(), MESSAGE);
    expect(off.log.with("as our node does not have txreconciliation enabled")).toHaveLength(1);
    const on = setUp();
    await deliver(on.module, on.greeting({}, { connectionType: "addr-fetch" }), MESSAGE);
    expect(on.log.with("Ignore unexpected txreconciliation signal from peer=")).toHaveLength(1);
    expect([...off.ends(), ...on.ends()]).toEqual([]);
  });
});
