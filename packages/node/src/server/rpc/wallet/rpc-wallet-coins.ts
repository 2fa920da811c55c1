import { amountNumber } from "@bitfleet/api/amount.ts";
import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { JsonNumber, JsonValue } from "@bitfleet/api/json.ts";
import { amountOf, integerOf } from "@bitfleet/api/rpc/rpc-params.ts";
import { compareBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { availableCoins, type CoinQuery } from "@bitfleet/wallet/ledger/available-coins.ts";
import { balancesOf } from "@bitfleet/wallet/ledger/balances.ts";
import { EMPTY_CHANGE_SET, scriptKey } from "@bitfleet/wallet/ledger/change-set.ts";
import { isSpent } from "@bitfleet/wallet/ledger/trust.ts";
import { transactionOf } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import type { NodeWallet } from "../../../wallets/node-wallet.ts";
import { WalletFlag } from "../../../wallets/wallet-flags.ts";
import { parseHashParam } from "../../chain-json.ts";
import { checkMembers, objectParam } from "../object-params.ts";
import type { RpcDependencies, RpcHandlers } from "../rpc-dependencies.ts";
import { listedCoinJson } from "./listed-coin.ts";
import { lastProcessedBlock, requestedWallet } from "./requested-wallet.ts";
import { addressParam, avoidReuseParam } from "./wallet-params.ts";

const INT32_MAX = 2 ** 31 - 1;

const invalid = (message: string) => new RpcError(RpcErrorCode.INVALID_PARAMETER, message);

/** Calls about what a wallet has, and which of it is not to be spent. */
export function walletCoinHandlers(deps: RpcDependencies) {
  const prefixes = deps.chain.network.addressPrefixes;

  return {
    getbalance: ({ dummy = "*", minconf: minDepth }, context) => {
      const wallet = requestedWallet(context, deps);
      if (dummy !== "*") {
        const message = 'dummy first argument must be excluded or set to "*".';
        throw new RpcError(RpcErrorCode.METHOD_DEPRECATED, message);
      }
      const leavesOutUsed = avoidReuseParam(wallet, (context.positional[3] ?? undefined) as boolean | undefined);
      return amountNumber(balancesOf(wallet.ledger, wallet.queryContext(), { minDepth, leavesOutUsed }).trusted);
    },

    getbalances: (_params, context) => {
      const wallet = requestedWallet(context, deps);
      const balances = balancesOf(wallet.ledger, wallet.queryContext(), { includesNonMempool: true });
      return {
        mine: {
          trusted: amountNumber(balances.trusted),
          untrusted_pending: amountNumber(balances.untrustedPending),
          immature: amountNumber(balances.immature),
          nonmempool: amountNumber(balances.nonMempool),
          ...(wallet.has(WalletFlag.avoidReuse) && { used: amountNumber(balances.used) }),
        },
        lastprocessedblock: lastProcessedBlock(wallet),
      };
    },

    listunspent: (params, context) => {
      const wallet = requestedWallet(context, deps);
      const scripts = scriptsParam(params.addresses ?? []);
      const query: CoinQuery = {
        depthMin: params.minconf,
        depthMax: params.maxconf,
        includesUnsafe: params.include_unsafe,
        ...queryOptions(params.query_options ?? null),
      };
      const coins = availableCoins(wallet.ledger, wallet.queryContext(), query);
      // As with Core, the addresses are looked at last: coins of others count against the limits too.
      const wanted = coins.filter(({ coin }) => scripts.size === 0 || scripts.has(scriptKey(coin.script)));
      return wanted.map((available) => listedCoinJson(wallet, available, deps));
    },

    lockunspent: ({ unlock, transactions, persistent }, context) => {
      const wallet = requestedWallet(context, deps);
      const { ledger } = wallet;
      if (transactions === undefined) {
        if (unlock)
          unlockCoins(
            wallet,
            [...ledger.lockedCoins()].map((lock) => lock.outPoint),
          );
        return true;
      }
      const outPoints = transactions.map((given) => {
        const outPoint = coinParam(wallet, given);
        const isLocked = ledger.isLocked(outPoint);
        if (unlock && !isLocked) throw invalid("Invalid parameter, expected locked output");
        if (!unlock && isLocked && !persistent) throw invalid("Invalid parameter, output already locked");
        return outPoint;
      });
      if (unlock) unlockCoins(wallet, outPoints);
      else lockCoins(wallet, outPoints, persistent);
      return true;
    },

    listlockunspent: (_params, context) =>
      [...requestedWallet(context, deps).ledger.lockedCoins()]
        .map((lock) => lock.outPoint)
        .sort((a, b) => compareBytes(a.txid, b.txid) || a.index - b.index)
        .map(({ txid, index }) => ({ txid: displayHash(txid), vout: index })),
  } satisfies Partial<RpcHandlers>;

  /** The scripts of addresses, each of which may stand there once. */
  function scriptsParam(addresses: readonly string[]): ReadonlySet<string> {
    const keys = new Set<string>();
    for (const address of addresses) {
      const key = scriptKey(addressParam(address, prefixes, `Invalid Bitcoin address: ${address}`));
      if (keys.has(key)) throw invalid(`Invalid parameter, duplicated address: ${address}`);
      keys.add(key);
    }
    return keys;
  }
}

function queryOptions(given: JsonValue): CoinQuery {
  if (given === null) return { valueMin: 0n };
  const options = objectParam(given);
  const types = {
    minimumAmount: "any",
    maximumAmount: "any",
    minimumSumAmount: "any",
    maximumCount: "number",
    include_immature_coinbase: "bool",
  } as const;
  checkMembers(options, types, { mayLack: true });
  const sats = (name: string) => {
    const value = options.get(name);
    return value === undefined ? undefined : amountOf(value);
  };
  const valueMin = sats("minimumAmount") ?? 0n;
  const valueMax = sats("maximumAmount");
  const sumMin = sats("minimumSumAmount");
  const count = options.get("maximumCount");
  return {
    valueMin,
    valueMax,
    sumMin,
    countMax: count === undefined ? 0 : integerOf(count, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    includesImmature: options.get("include_immature_coinbase") === true,
  };
}

/** The unspent output of a transaction of the wallet that a caller means. It need not be the wallet's. */
function coinParam({ ledger }: NodeWallet, given: JsonValue): OutPoint {
  const object = objectParam(given);
  checkMembers(object, { txid: "string", vout: "number" }, { mayLack: false, mayHaveOthers: true });
  const txid = parseHashParam<Txid>(object.get("txid") as string, "txid");
  const index = integerOf(object.get("vout") as JsonNumber, -INT32_MAX - 1, INT32_MAX);
  if (index < 0) throw invalid("Invalid parameter, vout cannot be negative");
  const record = ledger.transaction(txid);
  if (record === undefined) throw invalid("Invalid parameter, unknown transaction");
  if (index >= transactionOf(record).outputs.length) throw invalid("Invalid parameter, vout index out of bounds");
  const outPoint = { txid, index };
  if (isSpent(ledger, outPoint)) throw invalid("Invalid parameter, expected unspent output");
  return outPoint;
}

function lockCoins(wallet: NodeWallet, outPoints: readonly OutPoint[], isPersistent: boolean): void {
  const lockedCoins = outPoints.map((outPoint) => ({ outPoint, isPersistent }));
  wallet.apply({ ...EMPTY_CHANGE_SET, lockedCoins });
}

function unlockCoins(wallet: NodeWallet, outPoints: readonly OutPoint[]): void {
  wallet.apply({ ...EMPTY_CHANGE_SET, unlockedCoins: outPoints });
}
