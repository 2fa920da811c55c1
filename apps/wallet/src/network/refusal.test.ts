import { expect, test } from "vitest";
import { networkRefusal } from "./refusal.ts";

test.each([
  [
    "Insufficient fee, rejecting replacement 0102, less fees than conflicting txs; 0.00000825 < 0.000554.",
    /higher feerate\. \(Insufficient fee, .* 0\.000554\)$/,
  ],
  ["bad-txns-inputs-missingorspent", /spent already/],
  ["Too-long-mempool-chain, too many unconfirmed ancestors [limit: 25]", /a block has to come first/],
  ["too-large-cluster", /a block has to come first/],
  ["mempool min fee not met, 141 < 1410", /is full/],
  ["min relay fee not met, 10 < 14", /less than is passed on/],
  ["non-final", /still to come/],
  ["Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)", /a mistake/],
  ["dust", /too small/],
])("says what %j means", (reason, sentence) => {
  const problem = networkRefusal(reason);
  expect(problem.kind).toBe("refused");
  expect(problem.message).toMatch(sentence);
});

test("a reason that is not known is passed on as it is", () => {
  expect(networkRefusal("bad-industry.").message).toBe("The network does not take the payment: bad-industry.");
});
