import { workOfBits } from "@bitfleet/protocol/consensus/pow.ts";
import { SipHasher } from "@bitfleet/protocol/crypto/siphash.ts";
import type { BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { BlockIndex } from "../../chain/block-index.ts";
import { GENESIS, NETWORK } from "../../chain/test-kit.ts";
import { HeadersPresync, type HeadersPresyncOptions } from "./headers-presync.ts";
import { mineHeaders } from "./sync-test-kit.ts";

const start = new BlockIndex().addHeader(GENESIS.block.header, undefined);
const PERIOD = 10;
const BUFFER = 60;
const HEADERS = mineHeaders(GENESIS.block.header, 400);
const OTHERS = mineHeaders(GENESIS.block.header, 400, 1);
const WORK_EACH = workOfBits(GENESIS.block.header.bits);

/** Work that a chain of so many headers has. */
const workOf = (count: number) => start.chainwork + BigInt(count) * WORK_EACH;

function begin(options: Partial<HeadersPresyncOptions> = {}) {
  const lines: string[] = [];
  const presync = new HeadersPresync({
    network: { params: NETWORK.params, headersSync: { commitmentPeriod: PERIOD, redownloadBufferSize: BUFFER } },
    start,
    minimumWork: workOf(300),
    nowSeconds: GENESIS.block.header.time + 30 * 24 * 3600,
    commitmentOffset: 3,
    salt: { k0: 1n, k1: 2n },
    log: (line) => void lines.push(line),
    peer: "peer=5",
    ...options,
  });
  return { presync, lines };
}

const part = (headers: readonly BlockHeader[], from: number, to: number) => headers.slice(from, to);
const names = (headers: readonly BlockHeader[]) => headers.map(({ hash }) => displayHash(hash));

describe("first pass", () => {
  test("asks for more until the work is there, and keeps nothing", () => {
    const { presync, lines } = begin();
    expect(lines[0]).toBe(
      `Initial headers sync started with peer=5: height=0, max_commitments=${Math.floor(
        (6 * (30 * 24 * 3600 + 7200)) / PERIOD,
      )}, min_work=${workOf(300).toString(16).padStart(64, "0")}`,
    );
    expect(presync.process(part(HEADERS, 0, 100), true)).toEqual({ isOk: true, wantsMore: true, ready: [] });
    expect(presync.phase).toBe("presync");
    expect(presync.height).toBe(100);
    expect(presync.time).toBe(HEADERS[99]!.time);
    expect(presync.work).toBe(workOf(100));
    expect(names(presync.locator().map((hash) => ({ hash }) as BlockHeader))).toEqual([
      displayHash(HEADERS[99]!.hash),
      displayHash(start.hash),
    ]);
    presync.process(part(HEADERS, 100, 299), true);
    expect(presync.phase).toBe("presync");
    expect(presync.process(part(HEADERS, 299, 300), false)).toEqual({ isOk: true, wantsMore: true, ready: [] });
    expect(presync.phase).toBe("redownload");
    expect(displayHash(presync.locator()[0]!)).toBe(displayHash(start.hash));
    expect(lines.at(-1)).toBe(
      "Initial headers sync transition with peer=5: reached sufficient work at height=300, redownloading from height=0",
    );
  });

  test("ends where the chain ends below the work", () => {
    const { presync, lines } = begin();
    expect(presync.process(part(HEADERS, 0, 100), false)).toEqual({ isOk: true, wantsMore: false, ready: [] });
    expect(presync.phase).toBe("done");
    expect(lines.at(-1)).toContain("incomplete headers message at height=100 (presync phase)");
  });

  test("ends where headers do not follow on those before", () => {
    const { presync, lines } = begin();
    presync.process(part(HEADERS, 0, 100), true);
    expect(presync.process(part(HEADERS, 101, 150), true).isOk).toBe(false);
    expect(presync.phase).toBe("done");
    expect(lines.at(-1)).toContain("non-continuous headers at height=100 (presync phase)");
  });

  test("keeps no more bits than a valid chain can call for", () => {
    // So that 20 bits are the most: heights 3, 13, … 193 have them, and 203 has one too many.
    const limit = (seconds: number) => begin({ nowSeconds: GENESIS.block.header.time - 7200 + seconds });
    const enough = limit(Math.ceil((20 * PERIOD) / 6));
    expect(enough.presync.process(part(HEADERS, 0, 202), true).isOk).toBe(true);
    expect(enough.presync.process(part(HEADERS, 202, 203), true).isOk).toBe(false);
    expect(enough.lines.at(-1)).toContain("exceeded max commitments at height=203 (presync phase)");
    const more = limit(Math.ceil((21 * PERIOD) / 6));
    expect(more.presync.process(part(HEADERS, 0, 203), true).isOk).toBe(true);
  });

  test("refuses a jump of difficulty", () => {
    const params = { ...NETWORK.params, allowMinimumDifficultyBlocks: false };
    const network = { params, headersSync: { commitmentPeriod: PERIOD, redownloadBufferSize: BUFFER } };
    const { presync, lines } = begin({ network });
    const odd = { ...HEADERS[0]!, hash: HEADERS[0]!.hash, bits: 0x207ffffe } as BlockHeader;
    expect(presync.process([{ ...odd, previousBlockHash: start.hash } as BlockHeader], true).isOk).toBe(false);
    expect(lines.at(-1)).toContain("invalid difficulty transition at height=1 (presync phase)");
    expect(begin({ network }).presync.process(part(HEADERS, 0, 1), true).isOk).toBe(true);
  });
});

describe("second pass", () => {
  function second(options: Partial<HeadersPresyncOptions> = {}) {
    const made = begin(options);
    made.presync.process(part(HEADERS, 0, 300), true);
    expect(made.presync.phase).toBe("redownload");
    return made;
  }

  test("lets headers through once enough follow them, and the rest when the work is there again", () => {
    const { presync, lines } = second();
    expect(presync.process(part(HEADERS, 0, BUFFER), true).ready).toEqual([]);
    expect(names(presync.process(part(HEADERS, BUFFER, BUFFER + 1), true).ready)).toEqual(names(part(HEADERS, 0, 1)));
    expect(presync.process(part(HEADERS, BUFFER + 1, 200), true).ready).toHaveLength(139);
    expect(displayHash(presync.locator()[0]!)).toBe(displayHash(HEADERS[199]!.hash));
    expect(presync.process(part(HEADERS, 200, 299), true)).toMatchObject({ wantsMore: true });
    const last = presync.process(part(HEADERS, 299, 400), true);
    expect(last).toMatchObject({ isOk: true, wantsMore: false });
    // Those beyond the work come along, though nothing vouches for them: they build on what is proven.
    expect(last.ready).toHaveLength(BUFFER + 101);
    expect(presync.phase).toBe("done");
    expect(lines.at(-1)).toContain("complete with peer=5: releasing all at height=400 (redownload phase)");
  });

  test("finds out a peer that sends another chain the second time, before any of it is kept", () => {
    const { presync, lines } = second();
    const result = presync.process(part(OTHERS, 0, 300), true);
    expect(result).toEqual({ isOk: false, wantsMore: false, ready: [] });
    expect(lines.at(-1)).toMatch(/commitment mismatch at height=\d*3 \(redownload phase\)/);
    expect(presync.phase).toBe("done");
  });

  test("a bit is kept of the heights of the offset only, and is that of the salted hash", () => {
    // The chains part at height 295.
    const parted = [...part(HEADERS, 0, 294), ...mineHeaders(HEADERS[293]!, 5, 3)];
    const outcomes = new Set<boolean>();
    for (const k0 of [1n, 2n, 3n, 4n]) {
      const salt = { k0, k1: 0n };
      const hasher = new SipHasher(salt);
      const bitOf = (header: BlockHeader) => hasher.hash(header.hash) & 1n;
      for (let commitmentOffset = 0; commitmentOffset < PERIOD; commitmentOffset++) {
        const height = 290 + commitmentOffset;
        const agrees = bitOf(HEADERS[height - 1]!) === bitOf(parted[height - 1]!);
        const { presync } = second({ commitmentOffset, salt });
        expect(presync.process(parted, true).isOk).toBe(agrees);
        outcomes.add(agrees);
      }
    }
    expect(outcomes.size).toBe(2);
  });

  test("headers that do not follow end it", () => {
    const { presync, lines } = second();
    presync.process(part(HEADERS, 0, 50), true);
    expect(presync.process(part(HEADERS, 51, 60), true).isOk).toBe(false);
    expect(lines.at(-1)).toContain("non-continuous headers at height=51 (redownload phase)");
  });

  test("a chain that ends early gives what was proven, and no more", () => {
    const { presync, lines } = second();
    const result = presync.process(part(HEADERS, 0, BUFFER + 5), false);
    expect(result).toMatchObject({ isOk: true, wantsMore: false });
    expect(result.ready).toHaveLength(5);
    expect(presync.phase).toBe("done");
    expect(lines.at(-1)).toContain("incomplete headers message at height=65 (redownload phase)");
  });
});
