import { parseAddress, parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { beforeEach, describe, expect, test } from "vitest";
import { systemRandom } from "../../clock.ts";
import { AddressManager } from "../../p2p/addresses/address-manager.ts";
import { Asmap } from "../../p2p/addresses/asmap.ts";
import { encodeAsmap } from "../../p2p/addresses/asmap-test-kit.ts";
import type { P2pNode } from "../../p2p/p2p-node.ts";
import { TestClock, TestLog } from "../../p2p/test-kit.ts";
import { addressHandlers } from "./rpc-addresses.ts";

const MAP = new Asmap(
  encodeAsmap([
    ["1.0.0.0/8", 11],
    ["9.0.0.0/8", 99],
  ]),
);

let clock: TestClock;
beforeEach(() => {
  clock = new TestClock();
});

/** What getrawaddrman says of an address that a source told of. */
function entryOf(text: string, source: string, asmap?: Asmap): Record<string, unknown> {
  const addresses = new AddressManager({ clock, random: systemRandom, log: new TestLog(), asmap });
  const timeSeconds = clock.nowMs() / 1000;
  addresses.add([{ ...parseEndpoint(text, 8333)!, services: 9n, timeSeconds }], parseAddress(source)!);
  const p2p = { addresses, asmap } as unknown as P2pNode;
  const { getrawaddrman } = addressHandlers({ p2p, clock, chain: undefined as never });
  return Object.values(getrawaddrman().new)[0]!;
}

describe("getrawaddrman names autonomous systems", () => {
  test("of the address and of who told of it, each at its place", () => {
    const entry = entryOf("1.2.3.4", "9.8.7.6", MAP);
    expect(Object.entries(entry)).toEqual([
      ["address", "1.2.3.4"],
      ["mapped_as", 11],
      ["port", 8333],
      ["services", 9n],
      ["time", clock.nowMs() / 1000],
      ["network", "ipv4"],
      ["source", "9.8.7.6"],
      ["source_network", "ipv4"],
      ["source_mapped_as", 99],
    ]);
  });

  test.each([
    ["1.2.3.4", "8.8.8.8", MAP, [11, undefined]],
    ["2.2.3.4", "9.8.7.6", MAP, [undefined, 99]],
    ["1.2.3.4", "9.8.7.6", undefined, [undefined, undefined]],
  ])("%s told by %s: only those that are known", (text, source, asmap, expected) => {
    const entry = entryOf(text, source, asmap);
    const { mapped_as: system, source_mapped_as: sourceSystem } = entry;
    expect([system, sourceSystem]).toEqual(expected);
    expect("mapped_as" in entry).toBe(expected[0] !== undefined);
  });
});

test("exportasmap: there is no map inside", () => {
  const { exportasmap } = addressHandlers({ p2p: undefined, clock, chain: undefined as never });
  expect(() => exportasmap()).toThrow(
    expect.objectContaining({ code: -1, message: "No embedded ASMap data available" }),
  );
});
