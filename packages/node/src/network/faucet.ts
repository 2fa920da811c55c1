import { satsFromNumber } from "@bitfleet/api/amount.ts";
import { FAUCET_SATS_MAX, FAUCET_SATS_MIN } from "@bitfleet/api/faucet-limits.ts";
import { type AddressPrefixes, decodeAddress } from "@bitfleet/protocol/script/address.ts";
import { NetworkFault } from "../server/network-control.ts";
import { inWallet } from "./network-wallet.ts";
import { callPlain, type NetworkNode } from "./operations.ts";
import { RpcError } from "./rpc-client.ts";

/** Coins for whoever asks, from the wallet of the network's first miner. */

/** What one call gives at most, and at least. */
const SATS_MAX = BigInt(FAUCET_SATS_MAX);
const SATS_MIN = BigInt(FAUCET_SATS_MIN);
/** Satoshis a vbyte; more where the mempool asks for more. A network of tests has nothing to estimate fees from. */
const FEERATE = 2n;
/** Core's codes of what a wallet refuses. */
const WALLET_ERROR = -4;
const INSUFFICIENT_FUNDS = -6;
const UNLOCK_NEEDED = -13;

export interface FaucetOptions {
  /** Has the network's wallet. */
  readonly node: NetworkNode;
  readonly prefixes: AddressPrefixes;
}

export interface Payment {
  readonly address: string;
  readonly sats: bigint;
}

export interface Paid {
  readonly txid: string;
  readonly feeSats: bigint;
  /** The transaction. */
  readonly hex: string;
}

/** Has the network's wallet pay, which hands the transaction to its node. Rejects with {@link NetworkFault}. */
export async function payFromFaucet({ address, sats }: Payment, { node, prefixes }: FaucetOptions): Promise<Paid> {
  const decoded = decodeAddress(address, prefixes);
  if ("error" in decoded) throw new NetworkFault("value", `'${address.slice(0, 100)}' is no address of this network.`);
  refuseAmount(sats);
  const wallet = inWallet(node);
  const payment = { address, amount: amountText(sats), fee_rate: Number(await feerateOf(node)) };
  try {
    const txid = String(await callPlain(wallet, "sendtoaddress", payment));
    const { fee, hex } = (await callPlain(wallet, "gettransaction", [txid])) as { fee: number; hex: string };
    return { txid, feeSats: -satsFromNumber(fee), hex };
  } catch (error) {
    throw (await refusalOf(error, sats, wallet)) ?? error;
  }
}

function refuseAmount(sats: bigint): void {
  if (sats >= SATS_MIN && sats <= SATS_MAX) return;
  const range = `${coinsText(SATS_MIN)} to ${coinsText(SATS_MAX)}`;
  throw new NetworkFault("value", `The faucet gives ${range} at a time, not ${coinsText(sats)}.`);
}

/** Satoshis a vbyte. */
async function feerateOf(node: NetworkNode): Promise<bigint> {
  const { mempoolminfee } = (await callPlain(node, "getmempoolinfo", [])) as { readonly mempoolminfee: number };
  const needed = satsFromNumber(mempoolminfee) / 1000n + 1n;
  return needed > FEERATE ? needed : FEERATE;
}

const MINE = 'mine a block first ("bitfleet mine 1")';

/** What the wallet's error means to who asks for coins; `undefined` where it is nothing that he could mend. */
async function refusalOf(error: unknown, sats: bigint, wallet: NetworkNode): Promise<NetworkFault | undefined> {
  if (!(error instanceof RpcError)) return undefined;
  if (error.code === UNLOCK_NEEDED) {
    return new NetworkFault("conflict", "The wallet of the network is locked; unlock it with walletpassphrase.");
  }
  if (
    /too-large-cluster|too-long-mempool-chain|chain of transactions|too long of a mempool chain/.test(error.message)
  ) {
    return new NetworkFault("conflict", `So many payments wait that no more can follow them; ${MINE}.`);
  }
  if (error.code !== INSUFFICIENT_FUNDS && error.code !== WALLET_ERROR) return undefined;
  const { mine } = (await callPlain(wallet, "getbalances", [])) as {
    mine: { trusted: number; immature: number };
  };
  const has = satsFromNumber(mine.trusted);
  if (error.code === WALLET_ERROR && has > sats) return undefined;
  return tooLittle(sats, has, satsFromNumber(mine.immature));
}

function tooLittle(sats: bigint, has: bigint, immatureSats: bigint): NetworkFault {
  const later =
    immatureSats > 0n ? `; ${coinsText(immatureSats)} more can be spent when blocks have come upon them` : "";
  const ask = has > SATS_MIN ? `ask for less, or ${MINE}` : MINE;
  return new NetworkFault(
    "conflict",
    `The faucet has ${coinsText(has)} to give, not ${coinsText(sats)} and the fee${later}; ${ask}.`,
  );
}

/** As calls take it: `1.50000000`. */
function amountText(sats: bigint): string {
  const digits = sats.toString().padStart(9, "0");
  return `${digits.slice(0, -8)}.${digits.slice(-8)}`;
}

/** As people write it: `1.5 BTC`. */
export function coinsText(sats: bigint): string {
  const digits = sats.toString().replace("-", "").padStart(9, "0");
  const fraction = digits.slice(-8).replace(/0+$/, "");
  return `${sats < 0n ? "-" : ""}${digits.slice(0, -8)}${fraction === "" ? "" : `.${fraction}`} BTC`;
}
