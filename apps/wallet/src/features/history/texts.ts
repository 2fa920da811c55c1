import { textsOf } from "@bitfleet/ui/texts.ts";

export const texts = textsOf({
  en: {
    title: "History",
    about: "All that was paid to this account and from it.",
    label: "payments",
    columns: {
      direction: "",
      what: "What",
      standing: "State",
      amount: "Amount",
      fee: "Fee",
      time: "When",
      txid: "Transaction",
    },
    show: "Which are shown",
    kinds: { all: "All", in: "Came in", out: "Went out", waiting: "Waiting" },
    find: "Find",
    findHint: "label, address, transaction or amount",
    csv: "Save as CSV",
    csvName: (account: string, day: string) => `${account}-history-${day}.csv`,
    empty: "Nothing was paid yet. Give out an address under Receive.",
    noneFound: "Nothing fits what is looked for.",
  },
});
