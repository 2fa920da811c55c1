import { formatCount } from "@bitfleet/ui/format.ts";
import { plural, textsOf } from "@bitfleet/ui/texts.ts";

/** Words that several screens share. */
export const moneyTexts = textsOf({
  en: {
    standing: {
      pending: { word: "waits", why: "It is in the mempool, where the next blocks take it from." },
      replaced: { word: "replaced", why: "Another transaction spends the same coins, so this one will not be mined." },
      reorged: {
        word: "left the chain",
        why: "The chain has left the block that it was in, and no mempool has it. It may come back in another block.",
      },
      doubted: {
        word: "not believed",
        why: "The server says that it is in a block, and what it shows of that does not hold.",
      },
      taken: { word: "sent", why: "The server has taken it. Where it is shows in a moment." },
      unsent: {
        word: "not sent yet",
        why: "The network has not taken it yet. It is kept here and sent again by itself.",
      },
      dropped: {
        word: "dropped",
        why: "It was in the mempool and is there no more, and is in no block: who made it may have made another one.",
      },
      abandoned: { word: "given up", why: "It was given up, and its coins are free for other payments." },
      immature: {
        word: "immature",
        why: (blocks: string, count: number) =>
          `A reward can be spent when 100 blocks are upon it: ${blocks} more ${plural(count, { one: "block", other: "blocks" })}.`,
      },
      confirmed: {
        word: (text: string, count: number) =>
          `${text} ${plural(count, { one: "confirmation", other: "confirmations" })}`,
        why: "It is in a block. Each block upon that makes it harder to undo; six are as good as final.",
      },
    },
    what: {
      mined: "Mined",
      self: "Within the wallet",
      to: (who: string) => `To ${who}`,
      at: (who: string) => `At ${who}`,
      others: (who: string, count: number) => `${who} and ${count} more`,
      noAddress: "a script without an address",
    },
    part: {
      mine: "yours",
      change: "change, back to you",
      contact: "contact",
      unknown: "not known",
      others: "of others",
    },
    fee: {
      legend: "How soon it is to be confirmed",
      slow: "Slow",
      usual: "Usual",
      fast: "Fast",
      own: "Own feerate",
      ownLabel: "Feerate in sat/vB",
      ownHint: "Paid for each virtual byte",
      blocks: (count: number) => plural(count, { one: "next block", other: `within ${count} blocks` }),
      about: (blocks: string, duration: string) => `${blocks}, about ${duration}`,
      noEstimate: "the least that is relayed: too little was seen to tell",
      failed: (why: string) => `What others pay cannot be asked now: ${why} Enter a feerate.`,
      tooLow: (minimum: string) => `Below ${minimum} sat/vB nobody passes it on.`,
      loading: "What others pay is still being asked. Try again in a moment.",
    },
    preview: {
      title: "Is this right?",
      to: (count: number) => plural(count, { one: "To", other: `To ${count} recipients` }),
      toNobody: "It pays nobody: what it spends comes back to you, less the fee.",
      pays: "Arrives",
      fee: "Fee",
      total: "Leaves the wallet",
      change: "Change, back to you",
      rate: "Feerate",
      size: "Size",
      oldFee: "Fee until now",
      newFee: "Fee from now on",
      oldRate: "Feerate until now",
      newRate: "Feerate from now on",
      spends: (count: number) =>
        count === 0
          ? "Newly mined: spends no coins"
          : plural(count, { one: "Spends one coin", other: `Spends ${formatCount(count)} coins` }),
      makes: (count: number) =>
        plural(count, { one: "Makes one output", other: `Makes ${formatCount(count)} outputs` }),
      heed: "Mind this",
      replaceable: "Its fee can be raised while it waits.",
      final: "Its fee cannot be raised later.",
      whatIsSent: "These coins are spent, and no others.",
      back: "Back",
      send: "Send",
      psbt: "Make a PSBT",
      sign: "Sign and pass on",
      kept: "Made, and not with the network yet",
    },
    work: {
      names: { sign: "Signing", check: "Checking" },
      sign: (done: string, total: string) => `Signing ${done} of ${total}`,
      check: (done: string, total: string) => `Checking ${done} of ${total}`,
      stop: "Stop",
      lock: "Lock",
      stoppedTitle: "Stopped",
      stopped: "You stopped it: nothing was signed or sent.",
    },
    confirmations: {
      label: "How far it is",
      made: "Made and signed here",
      seen: "Seen in the network",
      mined: "Mined",
      taken: "The server has taken it",
      unsent: "Not with the network yet: it is sent again by itself",
      mempool: "Waits in the mempool for a block",
      noBlock: "In a block",
      inBlock: (height: string) => `In block ${height}`,
      of: (count: string, all: number) => `${count} of ${all} confirmations`,
      deep: (count: number) => `${count} confirmations: enough for most payments`,
      settled: (count: string) => `${count} confirmations: as good as final`,
      maturing: (count: string) => `Can be spent in ${count} blocks`,
    },
    label: {
      edit: "Change the label",
      add: "Add a label",
      title: "Label",
      field: "What it is for",
      hint: "Kept on this device; nobody else sees it",
      save: "Save",
      saved: "The label is saved",
      failed: "The label was not saved",
    },
    reachable: {
      scanning: (looked: string, found: string) =>
        `Looking through the chain for this wallet: ${looked} addresses looked at, ${found} transactions found. Amounts may still grow.`,
      offline: (age: string) => `Offline: what is shown is of ${age}.`,
      refused: "Nothing is taken from this server, and nothing is sent to it: what is shown was known before.",
      height: (height: string) => `Known up to block ${height}.`,
      retry: "Try now",
    },
    uri: {
      noAddress: "The payment link names no address of this network.",
      elsewhere: (its: string, ours: string) => `This payment link is for ${its}, and this wallet is on ${ours}.`,
      lightning: "This payment link asks for Lightning alone, which this wallet cannot pay: ask for a plain address.",
      nothing: "The payment link asks for nothing: enter address and amount.",
      message: (text: string) => `Its message: ${text}`,
      unknownChain: "What network this wallet is of is not known here: enter address and amount.",
    },
  },
});
