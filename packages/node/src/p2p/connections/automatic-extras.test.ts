import { formatEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import { describe, expect, test } from "vitest";
import { ALL, end, FEELER_MS, FIVE_MINUTES_MS, group, MEAN, onion, STEP_MS, setUp } from "./automatic-test-kit.ts";

const { NETWORK, WITNESS, NETWORK_LIMITED } = ServiceFlag;

describe("anchors", () => {
  test("come first, two at most, as block relay", async () => {
    const { start, advance, dialled, log } = setUp();
    start("5.1.0.1:8333", "5.2.0.1:8333", "5.3.0.1:8333");
    await advance(3 * STEP_MS);
    const [first, second, third] = dialled();
    expect([first, second]).toEqual(["block-relay-only 5.1.0.1:8333", "block-relay-only 5.2.0.1:8333"]);
    expect(third).toMatch(/^outbound-full-relay/);
    expect(log.with("Trying to make an anchor connection to 5.1.0.1:8333")).toHaveLength(1);
  });

  test.each([
    ["out of reach", "[2a00::1]:8333", {}],
    ["ours", "5.1.0.1:8333", { ours: ["5.1.0.1:8333"] }],
    ["of a group that we have", "9.9.1.1:8333", {}],
  ])("%s are left out", async (_what, text, state) => {
    const rig = setUp();
    Object.assign(rig.state, { reachable: ["ipv4"], ...state });
    rig.connect("9.9.9.9:8333", "manual");
    rig.start(text);
    await rig.advance(2 * STEP_MS);
    expect(rig.types()).toEqual(["outbound-full-relay"]);
  });

  test("without the services that we want are left out", async () => {
    const { automatic, advance, types } = setUp();
    automatic.start([{ endpoint: end("5.1.0.1:8333"), services: NETWORK }]);
    await advance(2 * STEP_MS);
    expect(types()).toEqual(["outbound-full-relay"]);
  });

  test("of the next run are two block-relay peers of this one", () => {
    const { automatic, connect } = setUp();
    connect("1.1.1.1:8333", "outbound-full-relay");
    for (const host of ["2.2.2.2", "3.3.3.3", "4.4.4.4"]) connect(`${host}:8333`, "block-relay-only");
    const candidates = automatic.anchorCandidates();
    expect(candidates.map(({ endpoint }) => formatEndpoint(endpoint))).toEqual(["2.2.2.2:8333", "3.3.3.3:8333"]);
    expect(candidates[0]!.services).toBe(0x409n);
  });
});

describe("a feeler", () => {
  test("comes every two minutes on average, a moment later than due", async () => {
    const { filled, advance, types, dialled, state, log } = setUp();
    await filled();
    await advance(FEELER_MS - 10 * STEP_MS);
    expect(types(10)).toEqual([]);
    const target = group(state.draws);
    await advance(STEP_MS);
    expect(log.with("Making feeler connection")).toEqual([]);
    await advance(MEAN * 1000);
    expect(dialled(10)).toEqual([`feeler ${target}`]);
    expect(state.lastDraw).toMatchObject({ newOnly: true });
    expect(log.with(`Making feeler connection to ${target}`)).toHaveLength(1);
  });

  test("is one at a time, however long it takes", async () => {
    const { filled, advance, types, state } = setUp();
    await filled();
    state.answer = "hangs";
    await advance(10 * FEELER_MS);
    expect(types(10)).toEqual(["feeler"]);
  });

  test("asks light nodes of recent blocks too, and those of a group that we have; not those that serve nothing", async () => {
    for (const [services, isCalled] of [
      [NETWORK_LIMITED, true],
      [NETWORK, true],
      [WITNESS, false],
    ] as const) {
      const { filled, advance, types, state } = setUp();
      await filled();
      state.select = () => "20.0.9.9:8333";
      state.facts = { services };
      await advance(FEELER_MS);
      expect(types(10)).toEqual(isCalled ? ["feeler"] : []);
    }
  });

  test("settles first whether an address must give way", async () => {
    const { filled, advance, dialled, state, selected } = setUp();
    await filled();
    state.collision = selected("7.7.7.7:8333");
    await advance(FEELER_MS);
    expect(dialled(10)).toEqual(["feeler 7.7.7.7:8333"]);
  });

  test("is not needed where we are connected to it: then it is good", async () => {
    const { filled, advance, dialled, state, selected } = setUp();
    await filled();
    state.collision = selected(group(3));
    const target = group(state.draws);
    await advance(FEELER_MS);
    expect([state.good, dialled(10)]).toEqual([[group(3)], [`feeler ${target}`]]);
  });

  test("is not made where the operator allows ten connections", async () => {
    const { start, advance, types } = setUp({ outboundMax: 10 });
    start();
    await advance(3 * FEELER_MS);
    expect(types()).toEqual(ALL);
  });
});

describe("one connection more", () => {
  test("of full relay is made while the tip may be stale, and no second", async () => {
    const { filled, advance, types, automatic, log } = setUp();
    await filled();
    automatic.setTryExtraOutbound(true);
    automatic.setTryExtraOutbound(true);
    await advance(FEELER_MS);
    expect(types(10)).toEqual(["outbound-full-relay"]);
    expect([automatic.extraFullRelayCount(), automatic.extraBlockRelayCount()]).toEqual([1, 0]);
    automatic.setTryExtraOutbound(false);
    expect(log.with("setting try another outbound peer=")).toEqual(
      [true, false].map((on) => `[net] setting try another outbound peer=${on}`),
    );
  });

  test("of block relay is made every five minutes on average, past the initial download", async () => {
    const { filled, advance, types, automatic, peers, log } = setUp();
    await filled();
    automatic.startExtraBlockRelay();
    automatic.startExtraBlockRelay();
    expect(log.with("enabling extra block-relay-only peers")).toHaveLength(1);
    const endFeelers = () => {
      for (const peer of [...peers.all()]) if (peer.isFeeler) peers.disconnect(peer, "");
    };
    for (let passedMs = 10 * STEP_MS; passedMs < FIVE_MINUTES_MS; passedMs += STEP_MS) {
      await advance(STEP_MS);
      endFeelers();
    }
    expect(types(10).filter((type) => type === "block-relay-only")).toEqual([]);
    await advance(STEP_MS);
    expect(types().at(-1)).toBe("block-relay-only");
    expect(automatic.extraBlockRelayCount()).toBe(1);
  });

  test("is not counted before it has greeted", () => {
    const { automatic, connect } = setUp({ fullRelayMax: 1, blockRelayMax: 1 });
    for (const type of ["outbound-full-relay", "block-relay-only"] as const) {
      connect("1.1.1.1:8333", type);
      connect("2.2.2.2:8333", type).isReady = false;
    }
    expect([automatic.extraFullRelayCount(), automatic.extraBlockRelayCount()]).toEqual([0, 0]);
  });

  /** Past five minutes, with the feelers and the place that they take out of the way. */
  async function pastFiveMinutes(rig: ReturnType<typeof setUp>) {
    rig.start();
    for (let passedMs = 0; passedMs < FIVE_MINUTES_MS + STEP_MS; passedMs += STEP_MS) {
      await rig.advance(STEP_MS);
      for (const peer of [...rig.peers.all()]) if (peer.isFeeler) rig.peers.disconnect(peer, "");
    }
  }

  test.each([
    ["that we have none to", {}, undefined, true],
    ["that a manual one leads to", {}, "manual", false],
    ["that only a block-relay one leads to", {}, "block-relay-only", true],
    ["where fewer are allowed than usual", { fullRelayMax: 7, outboundMax: 10 }, undefined, false],
  ] as const)("leads into a network %s", async (_what, options, type, isMade) => {
    const rig = setUp(options);
    rig.state.reachable = ["ipv4", "onion"];
    if (type !== undefined) rig.connect(onion(1), type);
    const { select } = rig.state;
    rig.state.select = (draw) => (rig.state.lastDraw!.networks.join() === "onion" ? onion(2) : select(draw));
    await pastFiveMinutes(rig);
    const line = `Making network specific connection to ${onion(2)} on onion.`;
    expect(rig.log.with(line)).toHaveLength(isMade ? 1 : 0);
    expect(rig.dialled().includes(`outbound-full-relay ${onion(2)}`)).toBe(isMade);
  });
});
