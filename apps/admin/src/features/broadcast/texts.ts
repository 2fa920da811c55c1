import { formatCount } from "@bitfleet/ui/format.ts";
import { plural, textsOf } from "@bitfleet/ui/texts.ts";

export const broadcastTexts = textsOf({
  en: {
    title: "Broadcast",
    about: "Hand a signed transaction to the network. It is tested first, and nothing is sent before you say so.",
    paste: {
      title: "Transaction",
      label: "Signed transaction in hex, or a PSBT",
      hint: "A PSBT (BIP174) is finalised here where its signatures suffice.",
      placeholder: "0200000000…  or  cHNidP8…",
      file: "Open a file",
      clear: "Clear",
      odd: "A digit is missing: hex has two for each byte.",
      characters: "This is neither hex nor a PSBT in base 64.",
      fileFailed: "The file could not be read",
      fileTooLarge: "No transaction is as large as this file",
    },
    psbt: {
      reading: "Reading the PSBT",
      incomplete: "Signatures are missing",
      incompleteText: (inputs: string, count: number) =>
        `${plural(count, { one: "Input", other: "Inputs" })} ${inputs} ${plural(count, { one: "is", other: "are" })} not final. Sign it with the wallet that has the keys, and paste it again.`,
      refused: "This PSBT cannot be read",
    },
    decode: { refused: "This is no transaction", loading: "Reading the transaction" },
    verdict: {
      testing: "Asking the mempool…",
      accepted: "The mempool would take it",
      acceptedText: (rate: string, size: string) => `It pays ${rate} sat/vB for ${size} vB, as the mempool counts it.`,
      known: "It waits in the mempool already",
      knownText: "Sending it again announces it to all peers once more.",
      refused: "The node would refuse it",
      inChain: "It is in the chain already",
      reason: "Reason",
      untested: "The test could not be made",
      anyFee: "The fee is meant: allow it however high it is",
      broadcast: "Broadcast",
      again: "Announce again",
      open: "Open its page",
      live: "The test is repeated while the page is open.",
    },
    confirm: {
      title: "Broadcast this transaction?",
      pays: "Pays in all",
      fee: "Fee",
      outputs: (count: number) => `to ${formatCount(count)} ${plural(count, { one: "output", other: "outputs" })}`,
      final: "All peers will know it. It cannot be taken back, at most replaced while it waits.",
      go: "Broadcast",
    },
    done: "The transaction is on its way",
    failed: "The transaction was not sent",
    preview: "As it will look",
    unknownReason: "This is the node's reason, in the words of Bitcoin Core.",
    reasons: {
      "max-fee-exceeded":
        "It pays more than 0.1 coins for 1,000 virtual bytes, which mostly is a slip of the pen. Look at the fee; where it is meant, allow it.",
      "max feerate exceeded":
        "It pays more than 0.1 coins for 1,000 virtual bytes, which mostly is a slip of the pen. Look at the fee; where it is meant, allow it.",
      "missing-inputs":
        "It spends outputs that this node does not know, or that are spent already. Send the transactions that make them first, or build it anew from coins that are there.",
      "bad-txns-inputs-missingorspent":
        "It spends outputs that this node does not know, or that are spent already. Send the transactions that make them first, or build it anew from coins that are there.",
      "txn-already-in-mempool": "It waits in the mempool already. Nothing is left to do.",
      "txn-already-known": "It is in the chain already. Nothing is left to do.",
      "txn-same-nonwitness-data-in-mempool":
        "The mempool has it with another witness, as somebody else signed it. One of them will be mined.",
      "insufficient fee":
        "Another waiting transaction spends the same coins, and this one pays too little more to take its place: it must pay more in all, at a higher feerate, and for its own relay on top. Raise the fee.",
      "too many potential replacements":
        "It would push too many waiting transactions out of the mempool. Wait until some of them are mined, or spend other coins.",
      "replacement-failed": "With it the mempool would not be worth more to miners than without it. Raise the fee.",
      "bad-txns-spends-conflicting-tx":
        "It would take the place of a transaction whose output it spends. Spend another output.",
      "min relay fee not met":
        "It pays less than this node relays (-minrelaytxfee). Raise the fee, or have a child pay for it.",
      "mempool min fee not met":
        "The mempool is full, and it pays less than what is kept. Raise the fee, or try again when blocks have made room.",
      "mempool full": "The mempool is full, and it pays less than what is kept. Raise the fee, or try again later.",
      dust: "An output is worth less than spending it would cost. Make it larger, or leave it out.",
      scriptpubkey: "An output has a script of no known kind, which is valid in a block but not relayed.",
      "scriptsig-size": "An input script is longer than what is relayed.",
      "scriptsig-not-pushonly": "An input script does more than push, which is not relayed.",
      "bare-multisig": "It pays to bare multisig, which this node does not relay (-permitbaremultisig).",
      datacarrier: "It carries more data (OP_RETURN) than this node relays (-datacarriersize).",
      "tx-size-small": "It is so small that it could be mistaken for an inner node of a merkle tree (CVE-2017-12842).",
      "tx-size": "It is heavier than what is relayed (400,000 weight units). Split it.",
      version: "Its version is not one that is relayed.",
      "bad-txns-nonstandard-inputs": "It spends an output of a kind that is not relayed.",
      "bad-witness-nonstandard": "A witness is larger or deeper than what is relayed.",
      "witness-stripped": "Its witness is missing: it was stripped on the way. Paste the transaction with its witness.",
      "non-final": "Its lock time lies ahead: it may be in no block yet. Send it when that height or time has come.",
      "non-BIP68-final": "A coin that it spends is younger than its sequence asks (BIP68). Wait for more blocks.",
      "mempool-script-verify-flag-failed":
        "A script does not let it spend: a signature is missing or wrong, or a rule of what is relayed is broken. Sign it again; what stands in brackets tells more.",
      "mandatory-script-verify-flag-failed":
        "A script does not let it spend: a signature is missing or wrong. Sign it again; what stands in brackets tells more.",
      "block-script-verify-flag-failed":
        "A script does not let it spend: a signature is missing or wrong. Sign it again; what stands in brackets tells more.",
      "bad-txns-in-belowout": "Its outputs are worth more than its inputs.",
      "bad-txns-premature-spend-of-coinbase":
        "It spends coins that were mined less than 100 blocks ago. Wait until they are mature.",
      "bad-txns-inputs-duplicate": "It spends the same output twice.",
      "bad-txns-vin-empty": "It spends nothing.",
      "bad-txns-vout-empty": "It pays nobody.",
      "bad-txns-vout-toolarge": "An output is worth more coins than there will ever be.",
      "bad-txns-txouttotal-toolarge": "The outputs are worth more coins than there will ever be.",
      "bad-txns-too-many-sigops": "It asks for more signature checks than are relayed.",
      "bad-txns": "It breaks a rule of every block: no node would take it.",
      coinbase: "It is the coinbase of a block. It comes with its block alone.",
      "too-large-cluster":
        "Too many waiting transactions would be connected with it. Wait until some of them are mined, or spend other coins.",
      "TRUC-violation": "Version 3 transactions may have one small parent or child in the mempool, no more (BIP431).",
      "unspent-dust": "A child must spend every dust output of its parents.",
      "missing-ephemeral-spends": "A child must spend every dust output of its parents.",
    },
  },
});
