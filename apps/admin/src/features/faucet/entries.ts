import { satsFromCoins } from "@bitfleet/api/amount.ts";
import { FAUCET_SATS_MAX, FAUCET_SATS_MIN } from "@bitfleet/api/faucet-limits.ts";
import { BECH32_LENGTH_MAX, decodeBech32, explainBech32 } from "@bitfleet/protocol/script/bech32.ts";

/** What is wrong with what was entered, before anything is sent: whole sentences. The node has the last word. */

const DECIMALS_MAX = 8;
/** Of P2PKH and P2SH addresses, by version byte and length. */
const BASE58_ADDRESS = /^[1-9A-HJ-NP-Za-km-z]{26,35}$/;
/** Human-readable parts (BIP173), and where they are used. */
const PREFIXES: Readonly<Record<string, string>> = {
  bc: "mainnet",
  tb: "signet and the test networks",
  bcrt: "regtest",
};

/** Why nobody can be paid at the address on this chain (`regtest`, `signet`); `undefined` where nothing is wrong that a page can tell. */
export function addressProblem(text: string, chain: string): string | undefined {
  if (text === "") return "Enter the address that the coins go to.";
  const prefix = chain === "regtest" ? "bcrt" : "tb";
  const beginning = `Those of ${chain} begin with ${prefix}1, m, n or 2.`;
  const [, named] = /^(bcrt|bc|tb)1/i.exec(text) ?? [];
  if (named !== undefined) {
    const own = named.toLowerCase();
    return own === prefix ? bech32Problem(text) : `This is an address of ${PREFIXES[own]}. ${beginning}`;
  }
  if (!BASE58_ADDRESS.test(text)) return `This is no address. ${beginning}`;
  if (/^[13]/.test(text)) return `This is an address of mainnet. ${beginning}`;
  return /^[mn2]/.test(text) ? undefined : `This is no address. ${beginning}`;
}

function bech32Problem(text: string): string | undefined {
  if (decodeBech32(text) !== undefined) return undefined;
  const { error, positions } = explainBech32(text);
  if (text.length > BECH32_LENGTH_MAX) return "The address is too long.";
  const [first, second] = positions.map((position) => position + 1);
  if (positions.length === 1) return `Character ${first} of the address is wrong.`;
  if (positions.length === 2) return `Characters ${first} and ${second} of the address are wrong.`;
  return /checksum/.test(error)
    ? "The address has a typing error, or a part of it is missing."
    : `This is no address: ${error.charAt(0).toLowerCase()}${error.slice(1)}.`;
}

/** Satoshis of an amount in BTC as a person enters it, or what is wrong with it. */
export function readAmount(text: string): { readonly sats: number } | { readonly problem: string } {
  if (text === "") return { problem: "Enter an amount." };
  if (!/^(\d+\.?\d*|\.\d+)$/.test(text)) {
    return { problem: "Enter the amount in digits, with a point before the fraction: 0.5" };
  }
  const [whole = "", fraction = ""] = text.split(".");
  if (fraction.replace(/0+$/, "").length > DECIMALS_MAX) return { problem: "Nothing is smaller than 0.00000001 BTC." };
  const sats = satsFromCoins(`${whole.replace(/^0+(?=.)/, "") || "0"}.${fraction || "0"}`);
  if (sats === undefined || sats > FAUCET_SATS_MAX) return { problem: "The faucet gives 1,000 BTC at most." };
  if (sats < FAUCET_SATS_MIN) return { problem: "The faucet gives 0.00001 BTC at least." };
  return { sats: Number(sats) };
}
