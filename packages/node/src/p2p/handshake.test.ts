import { parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import type { VersionMessage } from "@bitfleet/protocol/wire/control.ts";
import { UNSPECIFIED_ENDPOINT } from "@bitfleet/protocol/wire/network-address.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import { describe, expect, test } from "vitest";
import { inactivityReason } from "./connections/inactivity.ts";
import { HandshakeModule, type HandshakeOptions } from "./handshake.ts";
import type { ConnectionType, Peer, PeerOptions } from "./peer.ts";
import type { PeerModule } from "./peer-module.ts";
import { deliver, TestClock, TestLog, TestPeers, testPeer } from "./test-kit.ts";

const { NETWORK, NETWORK_LIMITED, WITNESS } = ServiceFlag;
const FULL = NETWORK | WITNESS | NETWORK_LIMITED;
const RELAY_PERMISSION = 1 << 3;

const OUTBOUND_TYPES = ["outbound-full-relay", "block-relay-only", "feeler", "manual", "addr-fetch"] as const;

function setUp(options: Partial<HandshakeOptions> = {}, blocksBehind = 0) {
  const [clock, log] = [new TestClock(), new TestLog()];
  const steps: string[] = [];
  const peers = Object.assign(new TestPeers(), {
    markReady: (peer: Peer) => {
      peer.isReady = true;
    },
  });
  const witness: PeerModule = {
    handlers: {},
    peerVersion: () => void steps.push("version"),
    peerGreeted: () => void steps.push("greeted"),
    peerReady: () => void steps.push("ready"),
  };
  const ours: string[] = [];
  const module: HandshakeModule = new HandshakeModule(
    { userAgent: "/Test:1/", ignoresTransactions: false, ...options },
    {
      peers,
      modules: () => [module, witness],
      addresses: {
        good: (endpoint) => {
          steps.push(`good ${endpoint.port}`);
          return true;
        },
        setServices: (_, services) => void steps.push(`services ${services}`),
      },
      height: () => 77,
      blocksBehind: () => blocksBehind,
      onOurAddress: ({ address }) => void ours.push(address.bytes.join(".")),
      clock,
      log,
    },
  );
  /** A peer whose connection has just begun. */
  const meet = (connectionType: ConnectionType = "inbound", peerOptions: Partial<PeerOptions> = {}) => {
    const fields = { version: 0, commonVersion: 0, services: 0n, isReady: false, relaysTransactions: false };
    const peer = testPeer({ ...fields, usesWtxidRelay: false }, { connectionType, ...peerOptions });
    peers.list.push(peer);
    return peer;
  };
  const greeted = async (connectionType: ConnectionType = "inbound", fields: Partial<VersionMessage> = {}) => {
    const peer = meet(connectionType);
    await deliver(module, peer, versionOf(fields));
    return peer;
  };
  return { clock, log, peers, module, steps, ours, meet, greeted };
}

function versionOf(fields: Partial<VersionMessage> = {}): VersionMessage {
  return {
    type: "version",
    version: 70_016,
    services: FULL,
    timeSeconds: 1_700_000_000n,
    receiver: { ...UNSPECIFIED_ENDPOINT, services: 0n },
    sender: { ...UNSPECIFIED_ENDPOINT, services: 0n },
    nonce: 99n,
    userAgent: "/Peer:2/",
    startingHeight: 5,
    relaysTransactions: true,
    ...fields,
  };
}

const sentTypes = (peer: ReturnType<typeof testPeer>) => peer.connection.sent.map(({ type }) => type);
const ends = ({ disconnected }: TestPeers) => disconnected.map(({ why }) => why);

describe("our version", () => {
  test("tells what we are and what we know", () => {
    const { module, meet, log } = setUp();
    const peer = meet("manual", { endpoint: parseEndpoint("1.2.3.4:8333", 0), ourServices: 9n, nonce: 5n });
    module.greet(peer);
    const [message] = peer.connection.take("version");
    expect(message).toMatchObject({ version: 70_017, services: 9n, nonce: 5n, startingHeight: 77 });
    expect(message).toMatchObject({ timeSeconds: 1_700_000_000n, userAgent: "/Test:1/", relaysTransactions: true });
    expect([message!.receiver.port, message!.receiver.address.bytes.join(".")]).toEqual([8333, "1.2.3.4"]);
    expect(message!.sender).toMatchObject({ port: 0, services: 9n });
    const line = `send version message: version=70017, blocks=77, txrelay=1, peer=${peer.id}`;
    expect(log.with(line)).toHaveLength(1);
  });

  test.each([
    ["of our own network", "192.168.0.1:1"],
    ["that the old form cannot tell", "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:1"],
  ])("does not tell an address %s", (_what, text) => {
    const { module, meet } = setUp();
    const peer = meet("manual", { endpoint: parseEndpoint(text, 0) });
    module.greet(peer);
    expect(peer.connection.take("version")[0]!.receiver).toMatchObject({ ...UNSPECIFIED_ENDPOINT, services: 0n });
  });

  test.each([
    ["inbound", 0, false, true],
    ["manual", 0, false, true],
    ["outbound-full-relay", 0, false, true],
    ["addr-fetch", 0, false, true],
    ["block-relay-only", 0, false, false],
    ["feeler", 0, false, false],
    ["inbound", 0, true, false],
    ["inbound", RELAY_PERMISSION, true, true],
    ["block-relay-only", RELAY_PERMISSION, false, false],
  ] as const)(
    "asks %s with permissions %i, -blocksonly=%s, for transactions: %s",
    (type, permissions, ignores, asks) => {
      const { module, meet } = setUp({ ignoresTransactions: ignores });
      const peer = meet(type, { permissions });
      module.greet(peer);
      expect(peer.connection.take("version")[0]!.relaysTransactions).toBe(asks);
      expect(module.rejectsTransactions(peer)).toBe(!asks);
    },
  );
});

describe("their version", () => {
  test("of who connected to us is answered with ours, in order", async () => {
    const { greeted, steps } = setUp();
    const peer = await greeted();
    expect(sentTypes(peer)).toEqual(["version", "wtxidrelay", "sendaddrv2", "verack"]);
    expect(steps).toEqual(["version", "greeted"]);
    expect(peer.isReady).toBe(false);
  });

  test("of whom we connected to is not, and the address is worth something", async () => {
    const { greeted, steps } = setUp();
    const peer = await greeted("outbound-full-relay");
    expect(sentTypes(peer)).toEqual(["wtxidrelay", "sendaddrv2", "verack"]);
    expect(steps).toEqual([`services ${FULL}`, "version", "greeted", "good 8333"]);
  });

  test("is kept", async () => {
    const { greeted, log } = setUp();
    const receiver = { ...parseEndpoint("8.8.8.8:8333", 0)!, services: 0n };
    const peer = await greeted("inbound", { timeSeconds: 1_700_000_007n, receiver });
    expect(peer).toMatchObject({ version: 70_016, commonVersion: 70_016, services: FULL, startingHeight: 5 });
    expect(peer).toMatchObject({ userAgent: "/Peer:2/", timeOffsetSeconds: 7, relaysTransactions: true });
    const line = `receive version message: /Peer:2/: version 70016, blocks=5, us=8.8.8.8:8333, txrelay=1, peer=${peer.id}`;
    expect(log.with(line)).toHaveLength(1);
  });

  test("is cleaned of what could confuse a log, and shown where there is none", async () => {
    const { greeted, log } = setUp();
    expect((await greeted("inbound", { userAgent: "/a<b>\n\u001b[1m é(c; d)/" })).userAgent).toBe("/ab1m (c; d)/");
    await greeted("inbound", { userAgent: "<>" });
    expect(log.with("receive version message: <no user agent>: version")).toHaveLength(1);
  });

  test("counts a time before 1970 as 1970", async () => {
    const peer = await setUp().greeted("inbound", { timeSeconds: -5n });
    expect(peer.timeOffsetSeconds).toBe(-1_700_000_000);
  });

  test("is heard once", async () => {
    const { greeted, module, log, steps } = setUp();
    const peer = await greeted();
    steps.length = peer.connection.sent.length = 0;
    await deliver(module, peer, versionOf({ startingHeight: 6 }));
    expect([peer.startingHeight, peer.connection.sent, steps]).toEqual([5, [], []]);
    expect(log.with(`redundant version message from peer=${peer.id}`)).toHaveLength(1);
  });

  test.each([
    [70_018, 70_017],
    [70_017, 70_017],
    [70_016, 70_016],
  ])("of %i makes %i what both speak", async (version, commonVersion) => {
    const peer = await setUp().greeted("inbound", { version });
    expect([peer.version, peer.commonVersion]).toEqual([version, commonVersion]);
  });

  test.each([
    [31_799, false],
    [31_800, true],
  ])("of %i is new enough: %s", async (version, isNewEnough) => {
    const { meet, module, peers } = setUp();
    const peer = meet("manual");
    peer.connection.send = () => {};
    await deliver(module, peer, versionOf({ version }));
    expect(ends(peers)).toEqual(isNewEnough ? [] : [`peer using obsolete version ${version}`]);
    expect(peer.version).toBe(isNewEnough ? version : 0);
  });

  test.each([
    [70_015, ["version", "verack"]],
    [70_016, ["version", "wtxidrelay", "sendaddrv2", "verack"]],
  ])("of %i is answered with %j", async (version, types) => {
    expect(sentTypes(await setUp().greeted("inbound", { version }))).toEqual(types);
  });

  test.each([
    [70_012, true],
    [70_013, false],
  ])("of %i is of a time that had alerts, and gets the last of them: %s", async (version, isAlerted) => {
    const { meet, module } = setUp();
    const peer = meet();
    const alerts: Uint8Array[] = [];
    peer.connection.send = (type, payload) => {
      if (type === "alert") alerts.push(payload);
    };
    await deliver(module, peer, versionOf({ version }));
    expect(
      alerts.map((payload) => new TextDecoder().decode(payload).includes("URGENT: Alert key compromised")),
    ).toEqual(isAlerted ? [true] : []);
  });

  test.each([
    ["inbound", true, true],
    ["inbound", false, false],
    ["outbound-full-relay", true, true],
    ["block-relay-only", true, false],
  ] as const)("of %s with relay %s lets us announce: %s", async (type, relaysTransactions, isRelayed) => {
    const peer = await setUp().greeted(type, { relaysTransactions });
    expect(peer.relaysTransactions).toBe(isRelayed);
  });

  test("of a feeler is all we wanted", async () => {
    const { greeted, peers, steps } = setUp();
    await greeted("feeler");
    expect(ends(peers)).toEqual(["feeler connection completed"]);
    expect(steps).toContain("good 8333");
  });
});

describe("services", () => {
  test.each(OUTBOUND_TYPES)("of %s are required where we chose it for them", async (type) => {
    const isChosen = type !== "manual" && type !== "feeler";
    const { greeted, peers, steps } = setUp();
    const peer = await greeted(type, { services: WITNESS });
    const why = "peer does not offer the expected services (00000008 offered, 00000009 expected)";
    expect(ends(peers).includes(why)).toBe(isChosen);
    // What they offer is remembered in any case.
    expect(steps[0]).toBe("services 8");
    expect(peer.version === 0).toBe(isChosen);
  });

  test("of who connects to us do not matter", async () => {
    const { greeted, peers, steps } = setUp();
    await greeted("inbound", { services: 0n });
    expect([ends(peers), steps]).toEqual([[], ["version", "greeted"]]);
  });

  test.each([
    [143, NETWORK_LIMITED | WITNESS, true],
    [144, NETWORK_LIMITED | WITNESS, false],
    [144, NETWORK | WITNESS, true],
    [0, NETWORK, false],
    [0, WITNESS, false],
    [0, NETWORK_LIMITED, false],
  ])("%i blocks behind, %i will do: %s", (blocksBehind, services, isEnough) => {
    expect(setUp({}, blocksBehind).module.hasDesirableServices(services)).toBe(isEnough);
  });
});

describe("ourselves", () => {
  test("at the other end are known by the nonce, while the connection we made still greets", async () => {
    for (const isReady of [false, true]) {
      const { meet, module, peers, log } = setUp();
      meet("manual", { nonce: 4711n }).isReady = isReady;
      const inbound = meet();
      await deliver(module, inbound, versionOf({ nonce: 4711n }));
      expect(peers.list.includes(inbound)).toBe(isReady);
      expect(log.with(`connected to self at ${inbound.options.name}, disconnecting`)).toHaveLength(isReady ? 0 : 1);
    }
  });

  test("are not who merely has the same nonce as another inbound peer", async () => {
    const { meet, module, peers } = setUp();
    meet("inbound", { nonce: 4711n });
    const peer = meet();
    await deliver(module, peer, versionOf({ nonce: 4711n }));
    expect(peers.list).toContain(peer);
  });

  test("may be seen from outside, by who connects to us and at an address of the internet", async () => {
    const at = (text: string) => ({ receiver: { ...parseEndpoint(text, 0)!, services: 0n } });
    const { greeted, ours } = setUp();
    await greeted("inbound", at("10.0.0.1:8333"));
    await greeted("manual", at("8.8.8.8:8333"));
    expect(ours).toEqual([]);
    await greeted("inbound", at("8.8.8.8:8333"));
    expect(ours).toEqual(["8.8.8.8"]);
  });
});

describe("verack", () => {
  test("ends the greeting, once", async () => {
    const { greeted, module, steps, log } = setUp();
    const peer = await greeted();
    peer.connection.sent.length = 0;
    await deliver(module, peer, { type: "verack" });
    expect([peer.isReady, steps.at(-1)]).toEqual([true, "ready"]);
    expect(peer.connection.sent).toEqual([{ type: "sendcmpct", highBandwidth: false, version: 2n }]);
    await deliver(module, peer, { type: "verack" });
    expect(log.with(`ignoring redundant verack message from peer=${peer.id}`)).toHaveLength(1);
    expect(steps.filter((step) => step === "ready")).toHaveLength(1);
  });

  test.each([
    [70_013, []],
    [70_014, ["sendcmpct"]],
  ])("of version %i is answered with %j", async (version, types) => {
    const { greeted, module } = setUp();
    const peer = await greeted("inbound", { version });
    peer.connection.sent.length = 0;
    await deliver(module, peer, { type: "verack" });
    expect(sentTypes(peer)).toEqual(types);
  });

  test("is worth a line to the operator where we connected, else not", async () => {
    for (const type of ["manual", "inbound"] as const) {
      const { greeted, module, log } = setUp();
      const peer = await greeted(type);
      await deliver(module, peer, { type: "verack" });
      const line = `New ${type} peer connected: transport: v1, version: 70016, peer=${peer.id}`;
      expect(log.lines.at(-1)).toBe(type === "manual" ? line : `[net] ${line}`);
    }
  });

  test("must come within a minute", async () => {
    const { greeted, module, clock } = setUp();
    const peer = await greeted();
    const startMs = peer.options.connectedMs;
    Object.assign(peer.connection.statistics, { lastSendSeconds: startMs / 1000, lastReceiveSeconds: startMs / 1000 });
    clock.advance(60_000);
    expect(inactivityReason(peer, clock.nowMs(), 60_000)).toBeUndefined();
    clock.advance(1);
    expect(inactivityReason(peer, clock.nowMs(), 60_000)).toBe("version handshake timeout");
    await deliver(module, peer, { type: "verack" });
    expect(inactivityReason(peer, clock.nowMs(), 60_000)).toBeUndefined();
  });
});

describe("what is agreed on before verack", () => {
  test.each([
    [{ type: "wtxidrelay" }, "wtxidrelay received after verack"],
    [{ type: "sendaddrv2" }, "sendaddrv2 received after verack"],
    [{ type: "feature", featureId: "abcd", data: new Uint8Array(0) }, "feature received after verack"],
  ] as const)("%j ends the connection afterwards", async (message, why) => {
    for (const isReady of [false, true]) {
      const { greeted, module, peers } = setUp();
      const peer = await greeted("inbound", { version: 70_017 });
      if (isReady) await deliver(module, peer, { type: "verack" });
      await deliver(module, peer, message);
      expect(ends(peers)).toEqual(isReady ? [why] : []);
    }
  });

  test.each([
    [70_015, false],
    [70_016, true],
  ])("of version %i, wtxidrelay counts: %s (BIP339)", async (version, counts) => {
    const { greeted, module, log } = setUp();
    const peer = await greeted("inbound", { version });
    await deliver(module, peer, { type: "wtxidrelay" });
    expect(peer.usesWtxidRelay).toBe(counts);
    await deliver(module, peer, { type: "wtxidrelay" });
    const line = counts ? "ignoring duplicate wtxidrelay from" : "ignoring wtxidrelay due to old common version=70015";
    expect(log.with(line)).toHaveLength(counts ? 1 : 2);
  });

  test("sendaddrv2 counts of any version (BIP155)", async () => {
    const { greeted, module } = setUp();
    const peer = await greeted("inbound", { version: 70_015 });
    await deliver(module, peer, { type: "sendaddrv2" });
    expect(peer.wantsAddrV2).toBe(true);
  });

  test.each([
    [70_016, ["feature received with incompatible version 70016"]],
    [70_017, []],
  ])("of version %i, a feature ends the connection: %j (BIP434)", async (version, whys) => {
    const { greeted, module, peers, log } = setUp();
    const peer = await greeted("inbound", { version });
    await deliver(module, peer, { type: "feature", featureId: "ab<cd>", data: new Uint8Array(0) });
    expect(ends(peers)).toEqual(whys);
    expect(log.with("unknown feature advertised: abcd")).toHaveLength(whys.length === 0 ? 1 : 0);
  });
});
