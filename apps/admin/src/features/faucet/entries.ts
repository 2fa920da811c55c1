import { satsFromCoins } from "@bitfleet/api/amount.ts";
import { FAUCET_SATS_MAX, FAUCET_SATS_MIN } from "@bitfleet/api/faucet-limits.ts";
import { BECH32_LENGTH_MAX, decodeBech32, explainBech32 } from "@bitfleet/protocol/script/bech32.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.entries;

/** What is wrong with what was entered, before anything is sent: whole sentences. The node has the last word. */

const DECIMALS_MAX = 8;
/** Of P2PKH and P2SH addresses, by version byte and length. */
const BASE58_ADDRESS = /^[1-9A-HJ-NP-Za-km-z]{26,35}$/;

/** Why nobody can be paid at the address on this chain (`regtest`, `signet`); `undefined` where nothing is wrong that a page can tell. */
export function addressProblem(text: string, chain: string): string | undefined {
  if (text === "") return texts.noAddress;
  const prefix = chain === "regtest" ? "bcrt" : "tb";
  const beginning = texts.beginWith(chain, prefix);
  const [, named] = /^(bcrt|bc|tb)1/i.exec(text) ?? [];
  if (named !== undefined) {
    const own = named.toLowerCase();
    return own === prefix ? bech32Problem(text) : `${texts.otherNetwork(texts.networks[own])} ${beginning}`;
  }
  if (!BASE58_ADDRESS.test(text)) return `${texts.none} ${beginning}`;
  if (/^[13]/.test(text)) return `${texts.otherNetwork(texts.networks.bc)} ${beginning}`;
  return /^[mn2]/.test(text) ? undefined : `${texts.none} ${beginning}`;
}

function bech32Problem(text: string): string | undefined {
  if (decodeBech32(text) !== undefined) return undefined;
  const { error, positions } = explainBech32(text);
  if (text.length > BECH32_LENGTH_MAX) return texts.tooLong;
  const [first, second] = positions.map((position) => position + 1);
  if (positions.length === 1) return texts.wrongCharacter(first ?? 0);
  if (positions.length === 2) return texts.wrongCharacters(first ?? 0, second ?? 0);
  return /checksum/.test(error)
    ? texts.typingError
    : texts.noneSince(`${error.charAt(0).toLowerCase()}${error.slice(1)}`);
}

/** Satoshis of an amount in BTC as a person enters it, or what is wrong with it. */
export function readAmount(text: string): { readonly sats: number } | { readonly problem: string } {
  if (text === "") return { problem: texts.noAmount };
  if (!/^(\d+\.?\d*|\.\d+)$/.test(text)) {
    return { problem: texts.noNumber };
  }
  const [whole = "", fraction = ""] = text.split(".");
  if (fraction.replace(/0+$/, "").length > DECIMALS_MAX) return { problem: texts.tooFine };
  const sats = satsFromCoins(`${whole.replace(/^0+(?=.)/, "") || "0"}.${fraction || "0"}`);
  if (sats === undefined || sats > FAUCET_SATS_MAX) return { problem: texts.tooMuch };
  if (sats < FAUCET_SATS_MIN) return { problem: texts.tooLittle };
  return { sats: Number(sats) };
}
