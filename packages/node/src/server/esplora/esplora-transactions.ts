import { ApiError } from "@bitfleet/api/errors.ts";
import { type JsonValue, toPlain } from "@bitfleet/api/json.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { PACKAGE_COUNT_MAX } from "@bitfleet/protocol/policy/packages.ts";
import { merkleBranch } from "@bitfleet/protocol/primitives/merkle-branch.ts";
import { encodeMerkleBlock, proofOfTransactions } from "@bitfleet/protocol/primitives/merkle-proof.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { coinsFor, type FoundTransaction, findTransaction } from "../rest/find-transaction.ts";
import { callHandler } from "../rest/rpc-bridge.ts";
import { transactionDetail } from "../rest/transaction-detail.ts";
import { isSimpleJson } from "../web/json-bodies.ts";
import type { RunningWebNode } from "../web/web-state.ts";
import { badRequest, type EsploraRoute, notFound, numberOf, txidOf } from "./esplora-answer.ts";
import { type EsploraTransaction, esploraStatus, esploraTransaction } from "./esplora-transaction.ts";

/** One transaction, and bringing new ones. */
export function transactionRoutes(route: EsploraRoute): void {
  route("/tx/:txid", async ({ node, param }) => foundTransaction(node, await found(node, param("txid"))));
  route("/tx/:txid/status", async ({ node, param }) => esploraStatus(blockOf(await found(node, param("txid")))));
  route("/tx/:txid/hex", async ({ node, param }) => toHex((await found(node, param("txid"))).tx.bytes));
  route("/tx/:txid/raw", async ({ node, param }) => (await found(node, param("txid"))).tx.bytes);

  route("/tx/:txid/merkleblock-proof", async ({ node, param }) => {
    const { block } = confirmed(await found(node, param("txid")));
    const proof = proofOfTransactions(await node.chain.readBlock(block), [txidOf(param("txid"))]);
    if (proof === undefined) throw notFound("Transaction");
    return toHex(encodeMerkleBlock(proof));
  });

  route("/tx/:txid/merkle-proof", async ({ node, param }) => {
    const { block, index } = confirmed(await found(node, param("txid")));
    const { transactions } = await node.chain.readBlock(block);
    const branch = merkleBranch(
      transactions.map(({ txid }) => txid),
      index,
    );
    return { block_height: block.height, merkle: branch.map(displayHash), pos: index };
  });

  route("/tx/:txid/outspends", async ({ node, param }) => outspends(node, await found(node, param("txid"))));
  route("/tx/:txid/outspend/:vout", async ({ node, param }) => {
    const spends = await outspends(node, await found(node, param("txid")));
    const spend = spends[numberOf(param("vout"), "output index")];
    // As Esplora: an output that does not exist is one that nobody has spent.
    return spend ?? { spent: false };
  });

  route("/tx", ({ node, body }) => broadcast(node, body.trim()), "POST");
  route("/broadcast", ({ node, query }) => broadcast(node, query("tx") ?? ""));

  route(
    "/txs/package",
    async ({ node, body }) => {
      const answer = await callHandler(node.handlers, "submitpackage", {
        package: packageOf(body),
        maxfeerate: undefined,
        maxburnamount: undefined,
      });
      return toPlain(answer as JsonValue) as object;
    },
    "POST",
  );
}

/** Throws `ApiError` 404 in Esplora's words. */
async function found(node: RunningWebNode, text: string): Promise<FoundTransaction> {
  const txid = txidOf(text);
  try {
    return await findTransaction(node, txid);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) throw notFound("Transaction");
    throw error;
  }
}

export async function foundTransaction(node: RunningWebNode, each: FoundTransaction): Promise<EsploraTransaction> {
  const spent = each.kind === "confirmed" ? each.spent : await coinsFor(node, each.tx);
  return esploraTransaction(each.tx, spent, blockOf(each), node.chain.network.addressPrefixes);
}

const blockOf = (each: FoundTransaction) => (each.kind === "confirmed" ? each.block : undefined);

function confirmed(each: FoundTransaction): Extract<FoundTransaction, { kind: "confirmed" }> {
  if (each.kind === "waiting") throw new ApiError(404, "Transaction not found or is unconfirmed");
  return each;
}

async function outspends(node: RunningWebNode, each: FoundTransaction): Promise<object[]> {
  const { outputs } = await transactionDetail(node, each);
  return outputs.map(({ is_spent: isSpent, spent_by: by }) => {
    if (!isSpent || by === null) return { spent: false };
    // Without -txospenderindex it is known that it is spent, and no more.
    if (by.txid === null) return { spent: true };
    const block = by.block_height === null ? undefined : node.chain.blockAt(by.block_height);
    return { spent: true, txid: by.txid, vin: by.input_index, status: esploraStatus(block) };
  });
}

async function broadcast({ handlers }: RunningWebNode, hex: string): Promise<string> {
  if (!/^([0-9a-fA-F]{2})+$/.test(hex)) throw badRequest("Invalid hex string");
  const params = { hexstring: hex, maxfeerate: undefined, maxburnamount: 0n };
  try {
    return String(await callHandler(handlers, "sendrawtransaction", params));
  } catch (error) {
    // Clients look for 400 and read the reason in the words of Bitcoin Core, without a full stop.
    if (!(error instanceof ApiError) || error.status >= 500) throw error;
    throw badRequest(`sendrawtransaction RPC error: ${error.message.replace(/\.$/, "")}`);
  }
}

/** Hex texts in a JSON array. */
function packageOf(body: string): string[] {
  let list: unknown;
  try {
    list = isSimpleJson(body) ? JSON.parse(body) : undefined;
  } catch {
    throw badRequest("A JSON array of transactions in hex is expected");
  }
  const isList =
    Array.isArray(list) && list.length <= PACKAGE_COUNT_MAX && list.every((each) => typeof each === "string");
  if (!isList) throw badRequest(`A JSON array of at most ${PACKAGE_COUNT_MAX} transactions in hex is expected`);
  return list as string[];
}
