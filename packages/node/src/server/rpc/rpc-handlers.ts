import { isWalletMethod } from "@bitfleet/api/rpc/rpc-methods.ts";
import { addressHandlers } from "./rpc-addresses.ts";
import { blockTemplateHandlers } from "./rpc-block-template.ts";
import { blockHandlers } from "./rpc-blocks.ts";
import { chainHandlers } from "./rpc-chain.ts";
import { controlHandlers } from "./rpc-control.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";
import { descriptorActivityHandlers } from "./rpc-descriptor-activity.ts";
import { descriptorHandlers } from "./rpc-descriptors.ts";
import { feeHandlers } from "./rpc-fees.ts";
import { findTransactionHandlers } from "./rpc-find-transaction.ts";
import { indexHandlers } from "./rpc-indexes.ts";
import { mempoolHandlers } from "./rpc-mempool.ts";
import { mempoolFileHandlers } from "./rpc-mempool-file.ts";
import { messageHandlers } from "./rpc-messages.ts";
import { minerHandlers } from "./rpc-miner.ts";
import { miningHandlers } from "./rpc-mining.ts";
import { networkHandlers } from "./rpc-network.ts";
import { proofHandlers } from "./rpc-proofs.ts";
import { pruningHandlers } from "./rpc-pruning.ts";
import { psbtHandlers } from "./rpc-psbt.ts";
import { psbtUpdateHandlers } from "./rpc-psbt-update.ts";
import { rawTransactionHandlers } from "./rpc-raw-transactions.ts";
import { scanHandlers } from "./rpc-scan.ts";
import { scanBlocksHandlers } from "./rpc-scan-blocks.ts";
import { scriptHandlers } from "./rpc-scripts.ts";
import { signingHandlers } from "./rpc-signing.ts";
import { snapshotHandlers } from "./rpc-snapshot.ts";
import { spendingHandlers } from "./rpc-spending.ts";
import { statisticsHandlers } from "./rpc-statistics.ts";
import { waitingHandlers } from "./rpc-waiting.ts";
import { zmqHandlers } from "./rpc-zmq.ts";
import { walletHandlers } from "./wallet/wallet-handlers.ts";

/** The handler of every method in the table; one that is missing does not compile. A node without wallets lacks those of wallets. */
export function createRpcHandlers(deps: RpcDependencies): RpcHandlers {
  // `help` tells of what is in the finished table.
  const answers = (name: string): boolean => Object.hasOwn(answered, name);
  const handlers: RpcHandlers = {
    ...addressHandlers(deps),
    ...blockHandlers(deps),
    ...blockTemplateHandlers(deps),
    ...chainHandlers(deps),
    ...controlHandlers(deps, answers),
    ...findTransactionHandlers(deps),
    ...descriptorActivityHandlers(deps),
    ...descriptorHandlers(deps),
    ...feeHandlers(deps),
    ...indexHandlers(deps),
    ...mempoolHandlers(deps),
    ...messageHandlers(deps),
    ...mempoolFileHandlers(deps),
    ...minerHandlers(deps),
    ...miningHandlers(deps),
    ...networkHandlers(deps),
    ...proofHandlers(deps),
    ...pruningHandlers(deps),
    ...psbtHandlers(deps),
    ...psbtUpdateHandlers(deps),
    ...rawTransactionHandlers(deps),
    ...scanHandlers(deps),
    ...scanBlocksHandlers(deps),
    ...scriptHandlers(deps),
    ...snapshotHandlers(deps),
    ...spendingHandlers(deps),
    ...signingHandlers(deps),
    ...statisticsHandlers(deps),
    ...waitingHandlers(deps),
    ...walletHandlers(deps),
    ...zmqHandlers(deps),
  };
  const isAnswered = ([name]: readonly [string, unknown]) => deps.wallets !== undefined || !isWalletMethod(name);
  const answered = Object.fromEntries(Object.entries(handlers).filter(isAnswered)) as RpcHandlers;
  return answered;
}
