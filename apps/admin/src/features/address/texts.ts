import { plural, textsOf } from "@bitfleet/ui/texts.ts";

export const texts = textsOf({
  en: {
    address: "Address",
    script: "Script",
    figures: {
      balance: "Balance",
      coins: (count: number, text: string) =>
        `${text} ${plural(count, { one: "unspent output", other: "unspent outputs" })}`,
      pending: "Pending",
      pendingExplained: "By how much the balance changes when what waits in the mempool is confirmed.",
      waiting: (count: number, text: string) =>
        count === 0
          ? "nothing waits"
          : `${text} ${plural(count, { one: "transaction waits", other: "transactions wait" })}`,
      immature: "Immature",
      immatureExplained: "Of blocks that paid here less than 100 blocks ago: the network takes no payment with it yet.",
      transactions: "Transactions",
      received: (amount: string) => `${amount} received in all`,
      scripts: "Addresses",
      used: (used: string) => `${used} of them used`,
    },
    card: {
      title: "Pays to",
      qr: (address: string) => `QR code of ${address}`,
      type: "Script type",
      scriptPubKey: "scriptPubKey",
      asm: "In words",
      scriptHash: "Script hash",
      types: {
        pubkeyhash: "P2PKH, to a key's hash",
        scripthash: "P2SH, to a script's hash",
        witness_v0_keyhash: "P2WPKH, SegWit to a key's hash",
        witness_v0_scripthash: "P2WSH, SegWit to a script's hash",
        witness_v1_taproot: "P2TR, Taproot",
        anchor: "P2A, an anchor that anyone may spend",
        pubkey: "P2PK, to a key",
        multisig: "Bare multisig",
        nulldata: "Data, never spent",
        nonstandard: "Not a usual form",
      },
      wallet: "Wallet",
      labelled: (label: string) => `“${label}”`,
      reuse: "Use",
      fresh: "Never paid so far",
      once: "Paid once",
      reused: (count: string) =>
        `Paid ${count} times. Everybody can see that these payments belong together: a new address for each keeps them apart.`,
    },
    chart: {
      title: "Balance over time",
      label: "Balance",
      name: "Balance, what waits included",
      newest: "Its newest transactions.",
      part: (count: string) => `The last ${count} transactions; scroll the list for older ones.`,
    },
    tabs: { label: "What it has", history: "History", coins: "Unspent outputs", addresses: "Addresses" },
    history: {
      label: "transactions listed",
      empty: "No transaction yet.",
      emptyHint: "One shows here as soon as it waits in the mempool.",
      columns: { txid: "Transaction", time: "When", change: "Change", received: "In", sent: "Out", state: "State" },
      waits: "waits",
      confirmations: (count: number, text: string) =>
        `${text} ${plural(count, { one: "confirmation", other: "confirmations" })}`,
      more: "More come as you scroll.",
    },
    coins: {
      label: "unspent outputs listed",
      empty: "Nothing to spend.",
      columns: { output: "Output", value: "Amount", height: "Block", state: "State", index: "Address" },
      waits: "waits for a block",
      immature: "immature coinbase",
      spent: "being spent",
      ready: "may be spent",
    },
    derived: {
      label: "addresses listed",
      show: "Which addresses",
      shows: { all: "All", used: "Used", funded: "With a balance" },
      columns: { path: "Index", address: "Address", uses: "Transactions", balance: "Balance", pending: "Pending" },
      usesText: (count: number, text: string) =>
        count === 0 ? "never used" : `${text} ${plural(count, { one: "transaction", other: "transactions" })}`,
      empty: "None is like that.",
      noAddress: "a script without an address",
      variants: { "0": "receiving", "1": "change" },
    },
    use: {
      title: "Descriptors",
      used: (used: string, looked: string) => `${used} used of ${looked} looked at`,
      next: "Next unused",
      range: (from: string, to: string) => `indexes ${from} to ${to}`,
      copy: "descriptor",
    },
    entry: {
      title: "Addresses",
      about:
        "Look up an address, an output descriptor, or an extended public key. This node searches it, and keeps nothing of it.",
      label: "Address, descriptor or extended public key",
      hint: "bcrt1…, wpkh([fingerprint/84h/1h/0h]tpub…/<0;1>/*), tpub…, vpub… – several descriptors one a line",
      look: "Look up",
      gap: "Unused in a row, behind which the search ends",
      problems: {
        empty: "Enter an address, a descriptor or an extended public key.",
        private: "This has a private key in it. It was not sent anywhere: use the public descriptor instead.",
        many: "So many descriptors are too many: 20 go at once.",
        long: "A descriptor has 3,000 characters at most.",
        checksum: "The extended key has a typing error, or a part of it is missing.",
      },
      examples: "What can be seen",
      exampleText:
        "Balance, history, unspent outputs and every derived address that was used, until 20 in a row were not. An extended key of a wallet (tpub…, vpub…) is looked at as each kind of address that it may stand for.",
    },
    errors: {
      off: "This node keeps no index of addresses",
      offHint:
        "It is off by -noaddressindex. Start the node with -addressindex (addressindex=1 in bitcoin.conf); it is then made from the blocks that are there, while the node runs.",
      making: "The index of addresses is being made",
      makingHint: "This page continues by itself.",
      wrong: "This cannot be looked up",
      back: "Enter another",
    },
  },
});
