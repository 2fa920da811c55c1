import type { BlockchainInfo } from "@bitfleet/api/rest/chain.ts";
import { expect, test } from "vitest";
import { verifiedShare } from "./verified-share.ts";

const sync = (target_height: number) => ({ target_height }) as BlockchainInfo["sync"];

test.each([
  [0, 0, 0, 1],
  [101, 101, 101, 1],
  [100, 101, 101, 100 / 101],
  [27, 1000, 1000, 0.027],
  [0, 500, 1000, 0],
  [102, 101, 101, 1],
])("height %d of headers %d, of about %d", (height, headers, target, share) => {
  expect(verifiedShare({ height, headers, sync: sync(target) })).toBe(share);
});
