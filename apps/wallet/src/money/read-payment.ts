import { NETWORK_NAMES, networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { type PaymentUri, parsePaymentUri } from "@bitfleet/wallet/uri/bip21.ts";
import { networkTitle } from "../session/account-addresses.ts";
import { moneyTexts } from "./texts.ts";

const texts = moneyTexts.uri;

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

/** They turn the order of what is read around, also of what stands beside the text that they are in: an address could be made to look like another one. */
const TURNS_TEXT = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
/** Lines and tabs of a text that has one line here, and what shows nothing. */
const BREAKS = /[\p{Cc}\u2028\u2029]+/gu;
/** Characters of a message: a longer one would push the form out of sight. */
const MESSAGE_LENGTH_MAX = 300;

/** Reads a payment URI (BIP21, BIP321) for a chain, or says why it pays nobody here: it wants what is not known here, say (`req-…`). */
export function readPayment(text: string, chain: string): ReadPayment | { readonly problem: string } {
  const network = networkByName(chain);
  if (network === undefined) return { problem: texts.unknownChain };
  const read = parsePaymentUri(text.trim(), { prefixes: network.addressPrefixes });
  if ("error" in read) return { problem: elsewhereProblem(text, chain) ?? read.error };
  const { addresses, sats } = read.uri;
  const [address] = addresses;
  if (address === undefined) return { problem: elsewhereProblem(text, chain) ?? otherWayProblem(read.uri) };
  if (sats === 0n) return { problem: texts.nothing };
  const [label, message] = [read.uri.label, read.uri.message].map((words) => words && plainWords(words));
  return {
    address: readable(address),
    sats,
    label: label ?? message,
    note: label !== undefined && message !== undefined ? texts.message(shortened(message)) : undefined,
  };
}

const plainWords = (words: string) => words.replaceAll(TURNS_TEXT, "").replaceAll(BREAKS, " ").trim();

function shortened(message: string): string {
  const characters = [...message];
  return characters.length <= MESSAGE_LENGTH_MAX ? message : `${characters.slice(0, MESSAGE_LENGTH_MAX).join("")}…`;
}

/** Where the link would be one on another network. */
function elsewhereProblem(text: string, chain: string): string | undefined {
  const other = NETWORK_NAMES.find((name) => {
    const read = parsePaymentUri(text.trim(), { prefixes: networkByName(name)!.addressPrefixes });
    return "uri" in read && read.uri.addresses.length > 0;
  });
  return other && texts.elsewhere(networkTitle(other), networkTitle(chain));
}

function otherWayProblem({ others }: PaymentUri): string {
  const isLightning = others.some(([key]) => key === "lightning" || key === "lno");
  return isLightning ? texts.lightning : texts.noAddress;
}

/** An address to be compared: QR codes have segwit ones in upper case, which means the same. */
export function readable(address: string): string {
  return address === address.toUpperCase() ? address.toLowerCase() : address;
}
