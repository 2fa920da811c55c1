import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { JsonNumber, JsonObject, type JsonValue } from "@bitfleet/api/json.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { type BlockHash, displayHash, parseDisplayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { KeptTransaction } from "../../mempool/mempool.ts";
import { abandonLostPayments } from "../../wallets/lost-payments.ts";
import { decodeTransactionText } from "./decode-transaction.ts";
import { busyOr } from "./rpc-chain.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

const HOLD_SECONDS_MAX = 600;
const MOCK_TIME_MAX = 0xffffffff;

type Dependencies = Pick<RpcDependencies, "chain" | "mempool" | "mempoolKeeper" | "miner" | "control" | "wallets">;

/** Calls that take a node back to where it was, for snapshots of a whole network. Core has none of them. */
export function snapshotHandlers({ chain, mempool, mempoolKeeper, miner, control, wallets }: Dependencies) {
  return {
    getsnapshot: () =>
      chain.atTip(async () => {
        const { hash, height } = chain.tip;
        const entries = [...mempool.chunksInMiningOrder()].flatMap((chunk) => chunk.entries);
        return {
          hash: displayHash(hash),
          height,
          mocktime: control.mockTimeSeconds?.() || undefined,
          transactions: entries.map(({ tx, timeSeconds, feeDelta }) => ({
            hex: toHex(tx.bytes),
            time: timeSeconds,
            feedelta: String(feeDelta),
          })),
        };
      }),

    reverttosnapshot: async ({ blockhash, transactions, mocktime }) => {
      const hash = parseDisplayHash<BlockHash>(blockhash);
      if (hash === undefined) throw new RpcError(RpcErrorCode.INVALID_PARAMETER, "blockhash must be a hash");
      const kept = transactions.map(transactionOf);
      if (mocktime !== undefined) setMockTime(control, mocktime);
      const result = await chain.returnTo(hash);
      if (!result.ok) {
        const { reject } = result;
        if (reject.kind === "not-found") throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, reject.reason);
        throw busyOr(reject, RpcErrorCode.MISC_ERROR, reject.reason);
      }
      const count = await mempool.replaceAll(kept);
      // A crash from here on loses no more of the snapshot.
      if (mempoolKeeper.isLoaded) await mempoolKeeper.save();
      if (wallets !== undefined) abandonLostPayments(wallets.manager);
      const { hash: tip, height } = chain.tip;
      return { hash: displayHash(tip), height, transactions: count, aside: result.aside.map(displayHash) };
    },

    holdminer: async ({ seconds }) => {
      if (seconds < 0 || seconds > HOLD_SECONDS_MAX) {
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, `seconds must be from 0 to ${HOLD_SECONDS_MAX}`);
      }
      miner.hold(seconds * 1000);
      // A block that was found just now is part of the chain when the caller hears of it.
      await chain.settled();
      return null;
    },
  } satisfies Partial<RpcHandlers>;
}

function setMockTime(control: Dependencies["control"], seconds: number): void {
  if (control.setMockTime === undefined) {
    throw new RpcError(RpcErrorCode.MISC_ERROR, "time can be set for regression testing (-regtest mode) only");
  }
  if (seconds < 0 || seconds > MOCK_TIME_MAX) {
    throw new RpcError(RpcErrorCode.INVALID_PARAMETER, `mocktime must be in the range [0, ${MOCK_TIME_MAX}]`);
  }
  control.setMockTime(seconds);
}

/** What `getsnapshot` wrote. */
function transactionOf(value: JsonValue, index: number): KeptTransaction {
  const fail = (what: string) => new RpcError(RpcErrorCode.INVALID_PARAMETER, `transaction ${index}: ${what}`);
  if (!(value instanceof JsonObject)) throw fail("not an object");
  const [hex, time, delta = "0"] = ["hex", "time", "feedelta"].map((name) => value.get(name));
  const tx = typeof hex === "string" ? decodeTransactionText(hex, "either") : undefined;
  if (tx === undefined) throw fail("hex is no transaction");
  const timeSeconds = time instanceof JsonNumber ? Number(time.text) : Number.NaN;
  if (!Number.isSafeInteger(timeSeconds) || timeSeconds < 0) throw fail("time is no time");
  if (typeof delta !== "string" || !/^-?\d{1,19}$/.test(delta)) throw fail("feedelta is no number of satoshis");
  return { tx, timeSeconds, feeDelta: BigInt(delta) };
}
