import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import { describe, expect, test } from "vitest";
import { ALL, FEELER_MS, FULL, group, onion, STEP_MS, setUp } from "./automatic-test-kit.ts";

const { NETWORK, WITNESS, P2P_V2 } = ServiceFlag;

describe("lasting connections", () => {
  test("are eight of full relay, then two of block relay, one every half second", async () => {
    const { start, advance, types } = setUp();
    start();
    await advance(STEP_MS - 1);
    expect(types()).toEqual([]);
    await advance(1);
    expect(types()).toEqual(["outbound-full-relay"]);
    await advance(30 * STEP_MS);
    expect(types()).toEqual(ALL);
  });

  test("are no more where all answer late: who is called has a place already", async () => {
    const { start, advance, types, state } = setUp();
    state.answer = "hangs";
    start();
    await advance(60 * STEP_MS);
    expect(types()).toEqual(ALL);
  });

  test("are tried again where one failed or ended", async () => {
    const { filled, advance, types, peers, state } = setUp();
    await filled();
    state.answer = "fails";
    peers.disconnect([...peers.all()][9]!, "");
    await advance(3 * STEP_MS);
    expect(types(10)).toEqual(["block-relay-only", "block-relay-only", "block-relay-only"]);
  });

  test.each([
    [{ fullRelayMax: 0, blockRelayMax: 0, outboundMax: 0 }, []],
    [{ fullRelayMax: 1, blockRelayMax: 0, outboundMax: 1 }, ["outbound-full-relay"]],
    [{ fullRelayMax: 8, blockRelayMax: 1, outboundMax: 9 }, [...FULL, "block-relay-only"]],
  ])("are as many as the operator allows: %j", async (options, expected) => {
    const { start, advance, types } = setUp(options);
    start();
    await advance(FEELER_MS + 10 * STEP_MS);
    expect(types()).toEqual(expected);
  });

  test("wait while the network is off, and end with the node", async () => {
    const { start, advance, types, state, automatic, clock } = setUp();
    state.isActive = false;
    start();
    await advance(10 * STEP_MS);
    expect(types()).toEqual([]);
    state.isActive = true;
    await advance(STEP_MS);
    automatic.stop();
    await advance(10 * STEP_MS);
    expect([types().length, clock.timerCount]).toEqual([1, 0]);
  });

  test("leave a place to a fetch of addresses under way", async () => {
    const { start, advance, types, connect } = setUp({ fullRelayMax: 2, blockRelayMax: 0, outboundMax: 2 });
    connect("9.9.9.9:8333", "addr-fetch");
    start();
    await advance(5 * STEP_MS);
    expect(types()).toEqual(["outbound-full-relay"]);
  });
});

describe("an address", () => {
  test.each(["connects", "hangs"] as const)("of a group that we have one of is passed over (%s)", async (answer) => {
    const { start, advance, dialled, state } = setUp();
    const texts = ["1.1.0.1:8333", "1.1.2.2:8333", "1.2.0.1:8333"];
    state.select = (draw) => texts[draw];
    state.answer = answer;
    start();
    await advance(2 * STEP_MS);
    expect(dialled()).toEqual(["outbound-full-relay 1.1.0.1:8333", "outbound-full-relay 1.2.0.1:8333"]);
  });

  test.each([
    ["manual", true],
    ["block-relay-only", true],
    ["inbound", false],
    ["feeler", false],
    ["addr-fetch", false],
  ] as const)("is passed over for a %s peer of its group: %s", async (type, isPassedOver) => {
    const { start, advance, dialled, state, connect } = setUp();
    connect("1.1.0.1:8333", type);
    state.select = (draw) => ["1.1.2.2:8333", "1.2.0.1:8333"][draw];
    start();
    await advance(STEP_MS);
    expect(dialled()).toEqual([`outbound-full-relay ${isPassedOver ? "1.2.0.1" : "1.1.2.2"}:8333`]);
  });

  test("is not called on a second port", async () => {
    for (const type of ["inbound", "feeler"] as const) {
      const { start, advance, dialled, state, connect } = setUp();
      connect("1.1.0.1:9999", type);
      state.select = (draw) => ["1.1.0.1:8333", "1.2.0.1:8333"][draw];
      start();
      await advance(STEP_MS);
      expect(dialled()).toEqual([]);
      await advance(STEP_MS);
      expect(dialled()).toEqual(["outbound-full-relay 1.2.0.1:8333"]);
    }
  });

  test("of Tor is called though others of its group are", async () => {
    const { start, advance, dialled, state, connect } = setUp();
    state.reachable = ["onion"];
    connect(onion(1), "manual");
    state.select = () => onion(2);
    start();
    await advance(STEP_MS);
    expect(dialled()).toEqual([`outbound-full-relay ${onion(2)}`]);
  });

  const first = (count: number, text: string) => (draw: number) => (draw < count ? text : group(draw));

  test.each([
    [49, false],
    [50, true],
  ])("with a port of another service is called only after 49 draws: at draw %i, %s", async (draw, isCalled) => {
    const { start, advance, dialled, state } = setUp();
    state.select = first(draw, "1.1.1.1:25");
    start();
    await advance(STEP_MS);
    expect(dialled()[0]!.endsWith("1.1.1.1:25")).toBe(isCalled);
  });

  test.each([
    [599, 29, false],
    [599, 30, true],
    [600, 1, true],
  ])("tried %i s ago is called at draw %i: %s", async (seconds, draw, isCalled) => {
    const { start, advance, requests, state, clock } = setUp();
    state.facts = { lastTrySeconds: Math.floor(clock.nowMs() / 1000) - seconds };
    state.select = (index) => (index < draw ? group(index) : undefined);
    start();
    // The step that draws is half a second later: within the same second.
    await advance(STEP_MS);
    expect(requests.length === 1).toBe(isCalled);
  });

  test("without the services that we want, or of a network out of reach, is passed over", async () => {
    for (const [facts, reachable] of [
      [{ services: NETWORK }, ["ipv4"]],
      [{}, ["ipv6"]],
    ] as const) {
      const { start, advance, requests, state } = setUp();
      Object.assign(state, { facts, reachable });
      start();
      await advance(STEP_MS);
      expect([requests.length, state.draws]).toEqual([0, 100]);
    }
  });

  test("of our own ends the search until the next step", async () => {
    const { start, advance, requests, state } = setUp();
    state.ours = [group(0)];
    start();
    await advance(STEP_MS);
    expect([requests.length, state.draws]).toEqual([0, 1]);
    await advance(STEP_MS);
    expect(requests).toHaveLength(1);
  });

  test("that the operator added is left to be called as such", async () => {
    for (const logsAddresses of [false, true]) {
      const { start, advance, dialled, state, log } = setUp({ logsAddresses });
      state.added = [group(0)];
      start();
      await advance(STEP_MS);
      expect(dialled()).toEqual([`outbound-full-relay ${group(1)}`]);
      const where = logsAddresses ? `: ${group(0)}` : "";
      const line = `Not making automatic outbound-full-relay connection to ipv4 peer selected for manual (addnode) connection${where}`;
      expect(log.lines).toContain(`[net] ${line}`);
    }
  });

  test.each([
    [NETWORK | WITNESS | P2P_V2, P2P_V2, true],
    [NETWORK | WITNESS, P2P_V2, false],
    [NETWORK | WITNESS | P2P_V2, 0n, false],
  ])("of services %i is called with v2 where ours are %i: %s", async (services, ourServices, useV2) => {
    const { start, advance, requests, state } = setUp({ ourServices });
    state.facts = { services };
    start();
    await advance(STEP_MS);
    expect(requests[0]).toMatchObject({ useV2, lastSeenHours: 2 });
  });

  test("that does not answer is to blame only where two others did", async () => {
    const { start, advance, requests } = setUp();
    start();
    await advance(4 * STEP_MS);
    expect(requests.map(({ countsFailure }) => countsFailure)).toEqual([false, false, true, true]);
  });
});
