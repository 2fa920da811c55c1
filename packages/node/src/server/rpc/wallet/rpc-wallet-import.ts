import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { JsonNumber, JsonObject, type JsonValue, type RpcValue } from "@bitfleet/api/json.ts";
import { integerOf, jsonTypeName } from "@bitfleet/api/rpc/rpc-params.ts";
import { medianTimePast } from "@bitfleet/protocol/consensus/locktime.ts";
import { scriptsAdded } from "@bitfleet/wallet/ledger/own-rules.ts";
import type { BlockIndexEntry } from "../../../chain/block-index.ts";
import { socketTurn } from "../../../turns.ts";
import type { NodeWallet } from "../../../wallets/node-wallet.ts";
import type { ScanProgress } from "../../../wallets/scan-blocks.ts";
import { firstBlockSince, scanForWallet, TIMESTAMP_WINDOW_SECONDS } from "../../../wallets/wallet-scan.ts";
import type { RpcDependencies, RpcHandlers } from "../rpc-dependencies.ts";
import { importOne } from "./import-request.ts";
import { requestedWallet, requireUnlocked, walletsOf } from "./requested-wallet.ts";
import { RESCANNING } from "./rpc-wallet-rescan.ts";

/** The one call by which descriptors come into a wallet. */
export function walletImportHandlers(deps: RpcDependencies) {
  return {
    importdescriptors: async ({ requests }, context) => {
      const wallet = requestedWallet(context, deps);
      const answer = wallet.scan.run((control) => importAll(wallet, requests, control, deps));
      if (answer === undefined) throw new RpcError(RpcErrorCode.WALLET_ERROR, RESCANNING);
      return answer;
    },
  } satisfies Partial<RpcHandlers>;
}

interface Outcome {
  readonly timestamp: number;
  readonly answer: Readonly<Record<string, RpcValue>>;
}

async function importAll(
  wallet: NodeWallet,
  requests: readonly JsonValue[],
  control: ScanProgress,
  deps: RpcDependencies,
): Promise<readonly RpcValue[]> {
  requireUnlocked(wallet);
  const best = deps.chain.find(wallet.bestBlock.hash) ?? deps.chain.tip;
  const now = medianTimePast(best);
  const outcomes: Outcome[] = [];
  for (const request of requests) {
    const timestamp = timestampOf(request, now);
    const answer = await importOne(wallet, request, Math.max(timestamp, TIMESTAMP_MIN), control.signal);
    if (control.signal.aborted) throw aborted();
    outcomes.push({ timestamp, answer });
    // There may be thousands of them.
    await socketTurn();
  }
  const { ledger, keychain } = wallet;
  const known = [...ledger.transactionsSince(0), ...ledger.unconfirmedTransactions()];
  wallet.apply(scriptsAdded(ledger, known, (script) => keychain.ownerOf(script)));
  await wallet.database.flush();
  if (!outcomes.some(({ answer }) => answer.success === true)) return outcomes.map(({ answer }) => answer);
  const lowest = Math.max(Math.min(best.time, ...outcomes.map(({ timestamp }) => timestamp)), TIMESTAMP_MIN);
  const failed = await searchSince(wallet, lowest, control, deps);
  await walletsOf(deps).resend.resubmit(wallet);
  if (control.signal.aborted) throw aborted();
  if (failed === undefined) return outcomes.map(({ answer }) => answer);
  return outcomes.map((outcome) => afterFailedSearch(outcome, failed, deps));
}

const TIMESTAMP_MIN = 1;

const aborted = () => new RpcError(RpcErrorCode.MISC_ERROR, "Rescan aborted by user.");

function timestampOf(request: JsonValue, now: number): number {
  const given = request instanceof JsonObject ? request.get("timestamp") : undefined;
  const wrong = (message: string) => new RpcError(RpcErrorCode.TYPE_ERROR, message);
  if (given === undefined) throw wrong("Missing required timestamp field for key");
  if (given instanceof JsonNumber) return integerOf(given, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  if (given === "now") return now;
  throw wrong(`Expected number or "now" timestamp value for key. got type ${jsonTypeName(given)}`);
}

/** Looks for the wallet's transactions from a time on, and in the mempool. Answers the newest block that could not be read. */
async function searchSince(
  wallet: NodeWallet,
  timeSeconds: number,
  control: ScanProgress,
  { chain, indexes, clock }: RpcDependencies,
): Promise<BlockIndexEntry | undefined> {
  const from = firstBlockSince(timeSeconds - TIMESTAMP_WINDOW_SECONDS, 0, chain);
  wallet.log.info(
    `RescanFromTime: Rescanning last ${from === undefined ? 0 : chain.tip.height - from.height + 1} blocks`,
  );
  if (from === undefined) return undefined;
  const scanning = { chain, filterIndex: indexes.blockFilters, clock };
  const { status, lastFailed } = await scanForWallet(wallet, { from }, control, scanning);
  if (status === "done") wallet.takeMempool();
  return status === "failed" ? lastFailed : undefined;
}

/** What a block that could not be read means for a descriptor. */
function afterFailedSearch(
  { timestamp, answer }: Outcome,
  failed: BlockIndexEntry,
  { chain }: RpcDependencies,
): RpcValue {
  const scannedSince = failed.timeMax + TIMESTAMP_WINDOW_SECONDS + 1;
  if (scannedSince <= timestamp || answer.error !== undefined) return answer;
  const what =
    `Rescan failed for descriptor with timestamp ${timestamp}. There was an error reading a block from time ` +
    `${failed.timeMax}, which is after or within ${TIMESTAMP_WINDOW_SECONDS} seconds of key creation, and could contain ` +
    "transactions pertaining to the desc. As a result, transactions and coins using this desc may not appear in the wallet.";
  const why =
    chain.lastPruned() !== undefined
      ? " This error could be caused by pruning or data corruption (see bitcoind log for details) and could be dealt with by downloading and rescanning the relevant blocks (see -reindex option and rescanblockchain RPC)."
      : " This error could potentially caused by data corruption. If the issue persists you may want to reindex (see -reindex option).";
  return { success: false, error: { code: RpcErrorCode.MISC_ERROR, message: what + why } };
}
