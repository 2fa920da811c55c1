import { TRUC_VERSION } from "@bitfleet/protocol/policy/truc.ts";
import { displayHash, type OutPointKey, outPointKey } from "@bitfleet/protocol/primitives/types.ts";
import type { Coin } from "../selection/coin.ts";
import type { BuildError, PreselectedInput } from "./build-request.ts";
import type { SpendingWallet } from "./spending-wallet.ts";

/** A preselected input and the coin that it is. */
export interface PreselectedCoin {
  readonly input: PreselectedInput;
  readonly coin: Coin;
}

/** First digits of a txid that stand for it in messages. */
const TXID_DIGITS_SHOWN = 10;

/**
 * The coins of preselected inputs, once each, or why one cannot be spent: nobody knows its output, or its size, or it is unconfirmed and
 * BIP431 allows it no child of this version.
 */
export function preselectedCoins(
  inputs: readonly PreselectedInput[],
  version: number,
  wallet: Pick<SpendingWallet, "coin">,
): readonly PreselectedCoin[] | BuildError {
  const coins = new Map<OutPointKey, PreselectedCoin>();
  for (const input of inputs) {
    const own = wallet.coin(input.outPoint);
    const known = own ?? input.external;
    if (known === undefined) return { error: `Not found pre-selected input ${shownOutPoint(input)}` };
    const inputWeight = input.weight ?? known.inputWeight;
    if (own?.depth === 0) {
      const error = versionMismatch(own, version);
      if (error !== undefined) return { error };
    }
    if (inputWeight === undefined) return { error: `Not solvable pre-selected input ${shownOutPoint(input)}` };
    const coin: Coin = {
      outPoint: input.outPoint,
      output: known.output,
      inputWeight,
      isSegwit: known.isSegwit,
      // Nobody selects among these: what selection would go by does not matter.
      type: "unknown",
      depth: 0,
      isFromMe: false,
      isSafe: true,
    };
    coins.set(outPointKey(input.outPoint), { input, coin });
  }
  return [...coins.values()];
}

/** BIP431: why an unconfirmed coin has no child of this version, or `undefined`. */
export function versionMismatch(coin: Coin, version: number): string | undefined {
  if (coin.version === TRUC_VERSION && version !== TRUC_VERSION)
    return `Can't spend unconfirmed version 3 pre-selected input with a version ${version} tx`;
  if (coin.version !== TRUC_VERSION && version === TRUC_VERSION)
    return `Can't spend unconfirmed version ${coin.version ?? 2} pre-selected input with a version 3 tx`;
  return undefined;
}

function shownOutPoint({ outPoint }: PreselectedInput): string {
  return `COutPoint(${displayHash(outPoint.txid).slice(0, TXID_DIGITS_SHOWN)}, ${outPoint.index})`;
}
