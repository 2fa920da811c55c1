import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { input, outPoint } from "@bitfleet/protocol/consensus/test-kit.ts";
import { childOf, standardTransaction } from "@bitfleet/protocol/policy/test-kit.ts";
import { policyReject } from "@bitfleet/protocol/policy/verdict.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import type { PackageResult } from "../../mempool/accept-result.ts";
import { entryOf } from "../../mempool/acceptance-test-kit.ts";
import { rawTransactionHandlers } from "./rpc-raw-transactions.ts";

type Dependencies = Parameters<typeof rawTransactionHandlers>[0];

/** `submitpackage` of a node whose mempool answers `result`, and holds nothing in the end. */
function submit(transactions: readonly Transaction[], result: PackageResult) {
  const mempool = { acceptPackage: async () => result, get: () => undefined } as unknown as Dependencies["mempool"];
  const { submitpackage } = rawTransactionHandlers({ chain: {} as Dependencies["chain"], mempool, p2p: undefined });
  const params = {
    package: transactions.map(({ bytes }) => toHex(bytes)),
    maxfeerate: undefined,
    maxburnamount: undefined,
  };
  return submitpackage(params as unknown as Parameters<typeof submitpackage>[0]);
}

describe("submitpackage", () => {
  const parent = standardTransaction();
  const child = childOf([parent]);

  test("says of the members of what is no package that they were not validated", async () => {
    const packageReject = policyReject("policy", "conflict-in-package");
    expect(await submit([parent, child], { results: [], packageReject })).toEqual({
      package_msg: "conflict-in-package",
      "tx-results": Object.fromEntries(
        [parent, child].map(({ txid, wtxid }) => [
          displayHash(wtxid),
          { txid: displayHash(txid), error: "package-not-validated" },
        ]),
      ),
      "replaced-transactions": [],
    });
  });

  test("lists what was replaced by the bytes of the txids, not by their text", async () => {
    const replaced = [1, 2, 3, 4, 5].map((salt) =>
      standardTransaction({ inputs: [input(outPoint(salt))], lockTime: 9 }),
    );
    const results = [parent, child].map((tx, index) => ({
      kind: "accepted" as const,
      entry: entryOf(tx, 1000n),
      replaced: index === 0 ? replaced : [],
      effective: { fee: 1000n, virtualSize: 100, wtxids: [tx.wtxid] },
    }));
    const answer = (await submit([parent, child], { results, packageReject: undefined })) as Record<string, unknown>;
    const inOrder = replaced.map(({ txid }) => Buffer.from(txid)).sort(Buffer.compare);
    expect(answer.package_msg).toBe("success");
    expect(answer["replaced-transactions"]).toEqual(inOrder.map((txid) => Buffer.from(txid).reverse().toString("hex")));
  });
});
