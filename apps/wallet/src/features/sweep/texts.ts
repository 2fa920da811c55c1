import { formatCount } from "@bitfleet/ui/format.ts";
import { plural, textsOf } from "@bitfleet/ui/texts.ts";

const coins = (count: number) => plural(count, { one: "one coin", other: `${formatCount(count)} coins` });

export const texts = textsOf({
  en: {
    title: "Sweep a key",
    about: "Brings all coins of one private key into this account: of a paper wallet, a faucet, a test.",
    key: {
      title: "The private key",
      label: "Private key in wallet import format (WIF)",
      hint: "51 or 52 letters and digits. A key under a passphrase (BIP38) is not read",
      wanted: "a private key (WIF)",
      go: "Look for its coins",
      looking: "Looking for its coins…",
      kept: "The key stays in the memory of this page until you leave it, and is not stored. The server is asked by hashes of its addresses, and does not learn the key.",
    },
    found: {
      title: "What it has",
      list: "Coins by kind of address",
      kinds: {
        p2tr: "Taproot",
        p2wpkh: "Segwit",
        "p2sh-p2wpkh": "Segwit, older form",
        p2pkh: "Legacy",
        p2pk: "Public key",
      },
      noAddress: "to the key itself, without an address",
      ready: coins,
      none: "nothing now",
      waiting: (count: number) =>
        `${coins(count)} in no block yet. What waits can still be taken back, so it is swept once it is in a block:`,
      immature: (count: number, blocks: number) =>
        `${coins(count)} newly mined, to be spent in ${plural(blocks, { one: "one block", other: `${formatCount(blocks)} blocks` })}:`,
      leaving: (count: number) => `${coins(count)} being spent already, by a payment that waits:`,
      nothingNow: "Nothing of it can be swept now. Look again when it can.",
      to: "It goes to the next address of this account",
      total: "Can be swept",
      sum: "Swept",
      fee: "Fee",
      arrives: "Arrives",
      working: "…",
      dust: (count: number) =>
        `${plural(count, { one: "One coin stays", other: `${formatCount(count)} coins stay` })} with the key, since spending it costs more than it is worth:`,
      beyond: (fitting: number, count: number) =>
        `One payment has room for ${coins(fitting)} of these: ${coins(count)} more ${plural(count, { one: "stays", other: "stay" })} with the key. Sweep it once more behind this payment.`,
      valid: "The key stays valid.",
      validText: "Whoever else knows it can spend what is paid to its addresses later. Do not use them again.",
      review: "Review the sweep",
      again: "Look again",
      other: "Another key",
    },
    preview: { title: "Sweep all of this?", total: "Leaves the key", go: "Sweep" },
    done: "The sweep is sent",
  },
});
