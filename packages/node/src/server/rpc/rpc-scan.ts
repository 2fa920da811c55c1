import { amountNumber } from "@bitfleet/api/amount.ts";
import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { JsonValue, RpcValue } from "@bitfleet/api/json.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Coin } from "@bitfleet/protocol/consensus/chain-view.ts";
import { displayHash, outPointFromKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { inferDescriptor } from "@bitfleet/wallet/descriptors/infer-descriptor.ts";
import type { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { CoinsSnapshot } from "../../chain/coins.ts";
import { socketTurn } from "../../turns.ts";
import { type DescriptorContext, type ScannedScripts, scanObjectParam, scriptKey } from "./descriptor-params.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

/** Coins between two turns of the event loop. */
const COINS_PER_TURN = 1024;

interface Scan {
  progressPercent: number;
  isAborted: boolean;
}

interface FoundCoin {
  readonly txid: Txid;
  readonly index: number;
  readonly coin: Coin;
  readonly descriptor: string;
}

/** Searches all coins for scripts. One search at a time, as in Core. */
export function scanHandlers(deps: Pick<RpcDependencies, "chain" | "secp256k1">) {
  const { chain } = deps;
  const context: DescriptorContext = { prefixes: chain.network.addressPrefixes, secp256k1: deps.secp256k1 };
  let running: Scan | undefined;

  const start = async (objects: readonly JsonValue[] | undefined, signal: AbortSignal): Promise<RpcValue> => {
    if (running !== undefined) {
      const message = 'Scan already in progress, use action "abort" or "status"';
      throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
    }
    if (objects === undefined) {
      throw new RpcError(RpcErrorCode.MISC_ERROR, "scanobjects argument is required for the start action");
    }
    const scan: Scan = { progressPercent: 0, isAborted: false };
    running = scan;
    try {
      const stop = () => scan.isAborted || signal.aborted;
      const wanted = new WantedScripts(context);
      for (const object of objects) wanted.add(await scanObjectParam(object, context, stop));
      const { snapshot, tip } = await chain.withFlushedCoins(async (coins, at) => ({
        snapshot: await coins.snapshot(),
        tip: at,
      }));
      try {
        return scanJson(await findCoins(snapshot, wanted, scan, stop), tip);
      } finally {
        await snapshot.close();
      }
    } finally {
      running = undefined;
    }
  };

  return {
    scantxoutset: ({ action, scanobjects }, { signal }) => {
      switch (action) {
        case "start":
          return start(scanobjects, signal);
        case "status":
          return running === undefined ? null : { progress: running.progressPercent };
        case "abort":
          if (running === undefined) return false;
          running.isAborted = true;
          return true;
        default:
          throw new RpcError(RpcErrorCode.INVALID_PARAMETER, `Invalid action '${action}'`);
      }
    },
  } satisfies Partial<RpcHandlers>;
}

/** Finds the descriptor of a script. Most scripts of a chain differ from all wanted ones in their size already. */
class WantedScripts {
  readonly #context: DescriptorContext;
  /** What is known of each script, by its size. */
  readonly #bySize = new Map<number, Map<string, SigningMaterial>>();

  constructor(context: DescriptorContext) {
    this.#context = context;
  }

  /** Who named a script first tells what is known of it. */
  add({ scripts, material }: ScannedScripts): void {
    for (const script of scripts) {
      let ofSize = this.#bySize.get(script.length);
      if (ofSize === undefined) {
        ofSize = new Map();
        this.#bySize.set(script.length, ofSize);
      }
      const key = scriptKey(script);
      if (!ofSize.has(key)) ofSize.set(key, material);
    }
  }

  /** The descriptor that names the script best. */
  descriptorOf(script: Uint8Array): string | undefined {
    const material = this.#bySize.get(script.length)?.get(scriptKey(script));
    return material && inferDescriptor(script, this.#context, material);
  }
}

interface Findings {
  readonly isComplete: boolean;
  readonly scannedCount: number;
  readonly found: readonly FoundCoin[];
}

async function findCoins(
  snapshot: Pick<CoinsSnapshot, "coins">,
  wanted: WantedScripts,
  scan: Scan,
  stop: () => boolean,
): Promise<Findings> {
  const found: FoundCoin[] = [];
  let scannedCount = 0;
  let isComplete = true;
  for await (const [key, coin] of snapshot.coins()) {
    scannedCount++;
    if (scannedCount % COINS_PER_TURN === 0) {
      // Coins are in the order of their txids, which are evenly spread.
      const head = key.charCodeAt(0);
      scan.progressPercent = Math.round((((head & 0xff) << 8) | (head >> 8)) / 655.36);
      await socketTurn();
      if (stop()) {
        isComplete = false;
        break;
      }
    }
    const descriptor = wanted.descriptorOf(coin.output.scriptPubKey);
    if (descriptor !== undefined) found.push({ ...outPointFromKey(key), coin, descriptor });
  }
  return { isComplete, scannedCount, found: found.sort(byOutPoint) };
}

/** The database orders the outputs of a transaction by how their indexes are encoded. */
const byOutPoint = (a: FoundCoin, b: FoundCoin) => Buffer.compare(a.txid, b.txid) || a.index - b.index;

function scanJson({ isComplete, scannedCount, found }: Findings, tip: BlockIndexEntry): RpcValue {
  return {
    success: isComplete,
    txouts: scannedCount,
    height: tip.height,
    bestblock: displayHash(tip.hash),
    unspents: found.map(({ txid, index, coin, descriptor }) => ({
      txid: displayHash(txid),
      vout: index,
      scriptPubKey: toHex(coin.output.scriptPubKey),
      desc: descriptor,
      amount: amountNumber(coin.output.value),
      coinbase: coin.isCoinbase,
      height: coin.height,
      blockhash: displayHash(tip.ancestor(coin.height)!.hash),
      confirmations: tip.height - coin.height + 1,
    })),
    total_amount: amountNumber(found.reduce((total, { coin }) => total + coin.output.value, 0n)),
  };
}
