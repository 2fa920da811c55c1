import {
  mainNetwork,
  type Network,
  regtestNetwork,
  signetNetwork,
  testnet3Network,
  testnet4Network,
} from "@bitfleet/protocol/consensus/networks.ts";
import { parsePaymentUri } from "@bitfleet/wallet/uri/bip21.ts";
import { texts } from "./texts.ts";

/** Loaded when the first payment URI is pasted: it takes the networks along. */

/** What a URI says of one payment, for the fields of the form. */
export interface ReadUri {
  readonly address: string;
  readonly sats: bigint | undefined;
  /** Who is paid, else what for. */
  readonly label: string | undefined;
  /** What is to be said beside the fields. */
  readonly note: string | undefined;
}

const NETWORKS: Readonly<Record<string, () => Network>> = {
  main: mainNetwork,
  test: testnet3Network,
  testnet4: testnet4Network,
  signet: signetNetwork,
  regtest: regtestNetwork,
};

/** Reads a `bitcoin:` URI (BIP21, BIP321) for a chain as the API names it; or says why it pays nobody here. */
export function readPaymentUri(text: string, chain: string): ReadUri | { readonly problem: string } {
  const network = (NETWORKS[chain] ?? regtestNetwork)();
  const read = parsePaymentUri(text.trim(), { prefixes: network.addressPrefixes });
  if ("error" in read) return { problem: read.error };
  const { addresses, sats, label, message } = read.uri;
  const [address] = addresses;
  if (address === undefined) return { problem: texts.uri.noAddress };
  if (sats === 0n) return { problem: texts.uri.nothing };
  return {
    address,
    sats,
    label: label ?? message,
    note: label !== undefined && message !== undefined ? texts.uri.message(message) : undefined,
  };
}
