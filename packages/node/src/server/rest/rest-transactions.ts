import { ApiError } from "@bitfleet/api/errors.ts";
import { FEERATE_MAX_DEFAULT } from "@bitfleet/api/rest/transactions.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { parseDisplayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { FastifyInstance } from "fastify";
import { decodeTransactionText } from "../rpc/decode-transaction.ts";
import { runningNode } from "../web/web-state.ts";
import { packageAcceptance, testedTransactions } from "./acceptance-view.ts";
import { recentTransactions } from "./chain-transactions.ts";
import { coinsFor, findTransaction } from "./find-transaction.ts";
import { inputTrace, pastedTrace } from "./input-trace.ts";
import { transactionReplacements } from "./replacements-view.ts";
import { type RouteDependencies, route } from "./rest-route.ts";
import { callHandler } from "./rpc-bridge.ts";
import { transactionDetail } from "./transaction-detail.ts";
import { decodedTransaction } from "./transaction-view.ts";

/** Finding, decoding, testing and broadcasting transactions. */
export function transactionRoutes(app: FastifyInstance, deps: RouteDependencies): void {
  const running = () => runningNode(deps.state);

  route(app, deps, "transactions", (_params, { cursor, limit = 10 }) => recentTransactions(running(), cursor, limit));

  route(app, deps, "transaction", async ({ txid }) => {
    const node = running();
    return transactionDetail(node, await findTransaction(node, parseDisplayHash<Txid>(txid)!));
  });

  route(app, deps, "inputTrace", async ({ txid }, { input }) => {
    const node = running();
    return inputTrace(node, await findTransaction(node, parseDisplayHash<Txid>(txid)!), input);
  });

  route(app, deps, "tracePasted", (_params, _query, { transactions, input }) => {
    const members = transactions.map(decoded);
    return pastedTrace(running(), members.at(-1)!, members.slice(0, -1), input);
  });

  route(app, deps, "transactionReplacements", ({ txid }) =>
    transactionReplacements(running(), parseDisplayHash<Txid>(txid)!),
  );

  route(app, deps, "decodeTransaction", async (_params, _query, { hex }) => {
    const node = running();
    const tx = decoded(hex, 0);
    return decodedTransaction(tx, await coinsFor(node, tx), node.chain.network.addressPrefixes);
  });

  route(app, deps, "testTransactions", async (_params, _query, body) => {
    const { transactions, max_feerate_sat_per_kvb: feerateMax, as_package: isPackage = false } = body;
    return testedTransactions(running().mempool, transactions.map(decoded), feerateMaxOf(feerateMax), isPackage);
  });

  route(app, deps, "broadcastTransaction", async (_params, _query, { hex, max_feerate_sat_per_kvb: feerateMax }) => {
    const { handlers } = running();
    const txid = await callHandler(handlers, "sendrawtransaction", {
      hexstring: hex,
      maxfeerate: feerateMaxOf(feerateMax),
      maxburnamount: 0n,
    });
    return { txid: String(txid) };
  });

  route(app, deps, "broadcastPackage", async (_params, _query, { transactions, max_feerate_sat_per_kvb: max }) => {
    const { mempool, p2p } = running();
    const members = transactions.map(decoded);
    const feerateMax = feerateMaxOf(max);
    const result = await mempool.acceptPackage(members, feerateMax > 0n ? { feerateMax } : {});
    for (const { txid } of members) {
      const entry = mempool.get(txid);
      if (entry !== undefined) p2p.network.announcements.announce(entry.tx);
    }
    return packageAcceptance(members, result, (txid) => mempool.has(txid));
  });
}

const feerateMaxOf = (given: number | undefined) => BigInt(given ?? FEERATE_MAX_DEFAULT);

/** Throws `ApiError` where the text is no transaction. `index` is its place among several. */
function decoded(hex: string, index: number): Transaction {
  const tx = decodeTransactionText(hex, "either");
  if (tx === undefined || tx.inputs.length === 0)
    throw new ApiError(
      400,
      `Transaction ${index} cannot be decoded: the network form of one with inputs is expected, in hex.`,
    );
  return tx;
}
