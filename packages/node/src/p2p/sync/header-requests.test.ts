import { describe, expect, test } from "vitest";
import { BlockIndex } from "../../chain/block-index.ts";
import { GENESIS } from "../../chain/test-kit.ts";
import { TestClock, testPeer } from "../test-kit.ts";
import { HEADERS_RESPONSE_TIME_MS, HeaderRequests, locatorOf } from "./header-requests.ts";
import { mineHeaders } from "./sync-test-kit.ts";

const index = new BlockIndex();
const genesis = index.addHeader(GENESIS.block.header, undefined);
const entries = [genesis];
for (const header of mineHeaders(GENESIS.block.header, 300)) entries.push(index.addHeader(header, entries.at(-1)));

describe("locatorOf", () => {
  const heightsOf = (height: number) => locatorOf(entries[height]!).map((hash) => index.find(hash)!.height);

  test("ten steps of one, then of twice as many each, and genesis", () => {
    expect(heightsOf(300)).toEqual([
      300, 299, 298, 297, 296, 295, 294, 293, 292, 291, 290, 288, 284, 276, 260, 228, 164, 36, 0,
    ]);
  });

  test("short chains", () => {
    expect(heightsOf(0)).toEqual([0]);
    expect(heightsOf(2)).toEqual([2, 1, 0]);
    expect(heightsOf(12)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 0]);
  });
});

describe("HeaderRequests", () => {
  const LOCATOR = locatorOf(genesis);

  test("one at a time, for two minutes", () => {
    const clock = new TestClock();
    const requests = new HeaderRequests({ clock });
    const [peer, other] = [testPeer(), testPeer()];
    expect(requests.send(peer, LOCATOR)).toBe(true);
    expect(requests.send(peer, LOCATOR)).toBe(false);
    expect(requests.send(other, LOCATOR)).toBe(true);
    clock.advance(HEADERS_RESPONSE_TIME_MS);
    expect(requests.send(peer, LOCATOR)).toBe(false);
    clock.advance(1);
    expect(requests.send(peer, LOCATOR)).toBe(true);
    const sent = peer.connection.take("getheaders");
    expect(sent).toHaveLength(2);
    expect(sent[0]).toEqual({ type: "getheaders", locator: LOCATOR, stop: new Uint8Array(32) });
  });

  test("the next may go out at once when the last was answered", () => {
    const requests = new HeaderRequests({ clock: new TestClock() });
    const peer = testPeer();
    requests.send(peer, LOCATOR);
    requests.answered(peer);
    expect(requests.send(peer, LOCATOR)).toBe(true);
  });
});
