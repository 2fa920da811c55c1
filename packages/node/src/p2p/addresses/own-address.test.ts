import { formatEndpoint, parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import type { NetworkKind } from "@bitfleet/protocol/wire/network-address.ts";
import { describe, expect, test } from "vitest";
import { TestLog, testPeer } from "../test-kit.ts";
import { LocalScore } from "./local-addresses.ts";
import { ownAddressFor } from "./own-address.ts";

const PEER = "1.1.1.1:8333";
/** Behind a proxy a peer has a name alone. */
const UNKNOWN = "";
const SEEN = parseEndpoint("5.5.5.5:50123", 0)!;
const PORT = 18444;

/** What a peer at a public address would be told; `draw` is the random number below 1. */
function told(facts: { known?: string; score?: number; draw?: number; seen?: string; discovers?: boolean } = {}) {
  const { known, score = LocalScore.MANUAL, draw = 0, discovers = true } = facts;
  const log = new TestLog();
  const deps = {
    localAddresses: { best: () => (known === undefined ? undefined : parseEndpoint(known, 0)), scoreOf: () => score },
    networks: { isReachable: (network: NetworkKind) => network === "ipv4" },
    random: { unit: () => draw },
    log,
  };
  const ourEndpoint = facts.seen === undefined ? SEEN : parseEndpoint(facts.seen, 0);
  return (connectionType: "inbound" | "outbound-full-relay" = "inbound", from = PEER) => {
    const peer = testPeer({ ourEndpoint }, { connectionType, endpoint: parseEndpoint(from, 0) });
    const own = ownAddressFor(peer, { discovers, port: PORT }, deps);
    expect(log.lines).toEqual(
      own === undefined ? [] : [`[net] Advertising address ${formatEndpoint(own)} to peer=${peer.id}`],
    );
    return own && formatEndpoint(own);
  };
}

describe("where we know no address of ours", () => {
  test("what the peer sees, with a port of its own only where it called us", () => {
    expect(told({ draw: 0.99 })("inbound")).toBe("5.5.5.5:50123");
    expect(told({ draw: 0.99 })("outbound-full-relay")).toBe(`5.5.5.5:${PORT}`);
  });

  test("nothing without -discover, and nothing that is of no use to others", () => {
    expect(told({ discovers: false })()).toBeUndefined();
    expect(told({ seen: "192.168.1.2:8333" })()).toBeUndefined();
    expect(told({ seen: "[2a00:1450::1]:8333" })()).toBeUndefined();
  });

  test("a peer that is on no public network itself does not know better", () => {
    expect(told()("inbound", "10.0.0.9:8333")).toBeUndefined();
    expect(told()("outbound-full-relay", UNKNOWN)).toBeUndefined();
  });
});

describe("where we know one", () => {
  const known = "8.8.4.4:8333";

  test("the peer's replaces it every other time", () => {
    expect(told({ known, draw: 0.499 })()).toBe("5.5.5.5:50123");
    expect(told({ known, draw: 0.5 })()).toBe(known);
    expect(told({ known, draw: 0.499 })("outbound-full-relay")).toBe("5.5.5.5:8333");
  });

  test("every eighth time where others have confirmed ours", () => {
    const score = LocalScore.MANUAL + 1;
    expect(told({ known, score, draw: 0.124 })()).toBe("5.5.5.5:50123");
    expect(told({ known, score, draw: 0.125 })()).toBe(known);
  });

  test("ours is told without -discover too, and through a proxy", () => {
    expect(told({ known, discovers: false })()).toBe(known);
    expect(told({ known })("outbound-full-relay", UNKNOWN)).toBe(known);
  });

  test("one that is reached from nowhere is as none", () => {
    expect(told({ known: "10.1.1.1:8333", draw: 0.99 })()).toBe("5.5.5.5:50123");
    expect(told({ known: "10.1.1.1:8333", discovers: false })()).toBeUndefined();
  });
});
