import { parseAddress, parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import type { NetworkKind } from "@bitfleet/protocol/wire/network-address.ts";
import { describe, expect, test } from "vitest";
import { TestLog } from "../test-kit.ts";
import { LocalAddresses, LocalScore, listensOnAny } from "./local-addresses.ts";

const IPV4 = parseEndpoint("8.8.4.4:8333", 0)!;
const OTHER_IPV4 = parseEndpoint("9.9.9.9:8333", 0)!;
const IPV6 = parseEndpoint("[2a00:1450::1]:8333", 0)!;
const ONION = parseEndpoint("pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:8333", 0)!;
const PEER_IPV4 = parseAddress("1.1.1.1")!;
const PEER_IPV6 = parseAddress("2a00::1")!;
const PEER_ONION = parseAddress("nrfj6inpyf73gpkyool35hcmne5zwfmse3jl3aw23vk7chdemalyaqad.onion")!;

function setUp({ discovers = true, listens = true, reachable = ["ipv4", "ipv6", "onion"] as NetworkKind[] } = {}) {
  const log = new TestLog();
  const known = new LocalAddresses(
    { discovers, listens },
    { isReachable: (network) => reachable.includes(network), log },
  );
  return { log, known };
}

describe("what counts as an address of ours", () => {
  test("routable ones of networks within reach; others only where the operator names them", () => {
    const { known } = setUp({ reachable: ["ipv4"] });
    const privateAddress = parseEndpoint("10.0.0.1:8333", 0)!;
    expect(known.add(privateAddress, LocalScore.INTERFACE)).toBe(false);
    expect(known.add(IPV6, LocalScore.BIND)).toBe(false);
    expect(known.add(IPV4, LocalScore.INTERFACE)).toBe(true);
    expect(known.add(privateAddress, LocalScore.MANUAL)).toBe(true);
    expect(known.add(IPV6, LocalScore.MANUAL)).toBe(true);
  });

  test.each(["127.0.0.1:8333", "0.0.0.0:8333", "[::]:8333", "[::1]:8333"])("never %s", (text) => {
    expect(setUp().known.add(parseEndpoint(text, 0)!, LocalScore.MANUAL)).toBe(false);
  });

  test("without -discover only what the operator names", () => {
    const { known } = setUp({ discovers: false });
    expect(known.add(IPV4, LocalScore.BIND)).toBe(false);
    expect(known.add(IPV4, LocalScore.MANUAL)).toBe(true);
  });

  test("the score grows with every source and with every peer that sees us there", () => {
    const { known } = setUp();
    known.add(IPV4, LocalScore.BIND);
    known.add(IPV4, LocalScore.INTERFACE);
    expect(known.scoreOf(IPV4.address)).toBe(LocalScore.BIND);
    known.add(IPV4, LocalScore.BIND);
    known.seen(IPV4.address);
    expect(known.list()).toEqual([{ endpoint: IPV4, score: LocalScore.BIND + 2 }]);
    known.seen(OTHER_IPV4.address);
    expect(known.scoreOf(OTHER_IPV4.address)).toBe(LocalScore.NONE);
  });

  test("an address with another port is not ours", () => {
    const { known } = setUp();
    known.add(IPV4, LocalScore.BIND);
    expect(known.has(IPV4)).toBe(true);
    expect(known.has({ ...IPV4, port: 8334 })).toBe(false);
  });
});

describe("which of them a peer is told", () => {
  test("what it reaches best, and of equals the one that we are surest of", () => {
    const { known } = setUp();
    expect(known.best(PEER_IPV4, "ipv4")).toBeUndefined();
    for (const endpoint of [IPV4, IPV6]) known.add(endpoint, LocalScore.BIND);
    known.add(OTHER_IPV4, LocalScore.MANUAL);
    expect(known.best(PEER_IPV4, "ipv4")).toEqual(OTHER_IPV4);
    expect(known.best(PEER_IPV6, "ipv6")).toEqual(IPV6);
  });

  test("on Tor only what is on Tor, and what is on Tor nowhere else", () => {
    const { known } = setUp();
    known.add(ONION, LocalScore.MANUAL);
    expect(known.best(PEER_IPV4, "ipv4")).toBeUndefined();
    known.add(IPV4, LocalScore.BIND);
    expect(known.best(PEER_IPV4, "ipv4")).toEqual(IPV4);
    expect(known.best(PEER_ONION, "onion")).toEqual(ONION);
    // Tor's own program calls us from this machine.
    expect(known.best(parseAddress("127.0.0.1")!, "onion")).toEqual(ONION);
    expect(known.best(PEER_ONION, "i2p")).toBeUndefined();
  });

  test("nothing where nobody can connect to us", () => {
    const { known } = setUp({ listens: false });
    known.add(IPV4, LocalScore.MANUAL);
    expect(known.best(PEER_IPV4, "ipv4")).toBeUndefined();
  });
});

test.each([
  [[], true],
  [["0.0.0.0:1"], true],
  [["[::]:1"], true],
  [["127.0.0.1:1", "[::]:1"], true],
  [["127.0.0.1:1"], false],
  [["1.2.3.4:1", "[2a00::1]:1"], false],
])("who listens at %j is reached by every address of the machine: %s", (texts, isReached) => {
  const listen = (isOnion: boolean) => texts.map((text) => ({ endpoint: parseEndpoint(text, 0)!, isOnion }));
  expect(listensOnAny(listen(false))).toBe(isReached);
  // What Tor forwards is none of the machine's addresses.
  expect(listensOnAny(listen(true))).toBe(texts.length === 0);
});
