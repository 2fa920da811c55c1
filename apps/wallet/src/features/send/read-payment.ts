import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { parsePaymentUri } from "@bitfleet/wallet/uri/bip21.ts";
import { texts } from "./texts.ts";

/** What a payment link says of one payment, for the fields of the form. */
export interface ReadPayment {
  readonly address: string;
  readonly sats: Sats | undefined;
  /** Who is paid, else what for. */
  readonly label: string | undefined;
  /** What is to be said beside the fields. */
  readonly note: string | undefined;
}

export function isPaymentUri(text: string): boolean {
  return /^\s*bitcoin:/i.test(text);
}

/** Reads a payment URI (BIP21, BIP321) for a chain, or says why it pays nobody here: it wants what is not known here, say (`req-…`). */
export function readPayment(text: string, chain: string): ReadPayment | { readonly problem: string } {
  const network = networkByName(chain);
  if (network === undefined) return { problem: texts.uri.unknownChain };
  const read = parsePaymentUri(text.trim(), { prefixes: network.addressPrefixes });
  if ("error" in read) return { problem: read.error };
  const { addresses, sats, label, message } = read.uri;
  const [address] = addresses;
  if (address === undefined) return { problem: texts.uri.noAddress };
  if (sats === 0n) return { problem: texts.uri.nothing };
  return {
    address: readable(address),
    sats,
    label: label ?? message,
    note: label !== undefined && message !== undefined ? texts.uri.message(message) : undefined,
  };
}

/** Links in QR codes have segwit addresses in upper case, which means the same and is hard to compare. */
function readable(address: string): string {
  return address === address.toUpperCase() ? address.toLowerCase() : address;
}
