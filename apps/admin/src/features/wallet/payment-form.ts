import { useBlockchain } from "@bitfleet/ui/node-queries.ts";
import { readAmount } from "@bitfleet/ui/payment/entries.ts";
import { filledByLink, type LinkFields, withoutLink } from "@bitfleet/ui/payment/link-fields.ts";
import { useUnit } from "@bitfleet/ui/units.tsx";
import { useState } from "react";
import type { PaymentOrder } from "./queries.ts";
import { texts } from "./texts.ts";

/** What is entered of a payment before it is looked at. */

/** As the interface has it: one, and others beside it. */
const RECIPIENTS_MAX = 100;

export interface RecipientEntry extends LinkFields {
  readonly id: number;
  readonly address: string;
  /** What the payment URI says beside the fields, or what is wrong with it. */
  readonly note?: string | undefined;
  readonly problem?: string | undefined;
}

const blank = (id: number): RecipientEntry => ({ id, address: "", amount: "", label: "" });

export interface EntryProblems {
  readonly address?: string | undefined;
  readonly amount?: string | undefined;
}

/** The recipients of a payment as they are entered. */
export function useRecipients() {
  const unit = useUnit();
  const chain = useBlockchain().data?.chain;
  const [entries, setEntries] = useState<readonly RecipientEntry[]>([blank(0)]);
  /** Links that are being read: their fields are not there yet. */
  const [readingCount, setReadingCount] = useState(0);
  /** The first gets all that there is. */
  const [sendsAll, setSendsAll] = useState(false);
  const change = (id: number, fields: Partial<RecipientEntry>) =>
    setEntries((before) => before.map((one) => (one.id === id ? { ...one, ...fields } : one)));

  const enterAddress = (id: number, text: string) => {
    change(id, { address: text, note: undefined, problem: undefined });
    if (!/^\s*bitcoin:/i.test(text)) return;
    setReadingCount((count) => count + 1);
    const done = import("./payment-uri.ts").then(
      ({ readPaymentUri }) => {
        const read = readPaymentUri(text, chain ?? "");
        setEntries((before) =>
          // Not where something else was entered meanwhile.
          before.map((one) => (one.id === id && one.address === text ? { ...one, ...fieldsOf(read, one) } : one)),
        );
      },
      () => change(id, { problem: texts.uri.notLoaded }),
    );
    void done.finally(() => setReadingCount((count) => count - 1));
  };
  const fieldsOf = (
    read: ReturnType<typeof import("./payment-uri.ts").readPaymentUri>,
    before: RecipientEntry,
  ): Partial<RecipientEntry> =>
    "problem" in read
      ? { ...withoutLink(before, unit), ...read }
      : { address: read.address, ...filledByLink(before, read, unit), note: read.note };

  const takesRest = (entry: RecipientEntry) => sendsAll && entry.id === entries[0]?.id;
  const amounts = entries.map((entry) => (takesRest(entry) ? undefined : readAmount(entry.amount.trim(), unit)));
  const problemsOf = (entry: RecipientEntry): EntryProblems => {
    const amount = amounts[entries.indexOf(entry)];
    const isTwice = entries.some(
      (other) => other.id < entry.id && other.address.trim() !== "" && other.address.trim() === entry.address.trim(),
    );
    return {
      address:
        entry.problem ??
        (entry.address.trim() === "" ? texts.entries.noAddress : isTwice ? texts.entries.twice : undefined),
      amount: amount !== undefined && "problem" in amount ? amount.problem : undefined,
    };
  };
  return {
    entries,
    sendsAll,
    takesRest,
    change,
    enterAddress,
    problemsOf,
    takeAll: setSendsAll,
    isReading: readingCount > 0,
    isFull: entries.length >= RECIPIENTS_MAX,
    add: () => setEntries((before) => [...before, blank(Math.max(...before.map(({ id }) => id)) + 1)]),
    remove: (id: number) => setEntries((before) => before.filter((one) => one.id !== id)),
    /** Of those whose amounts can be read. */
    sats: amounts.reduce((sum, one) => sum + (one !== undefined && "sats" in one ? Number(one.sats) : 0), 0),
    /** `undefined` while something is missing or wrong. */
    order: (): Pick<PaymentOrder, "to_address" | "amount" | "send_all" | "label" | "recipients"> | undefined => {
      if (entries.some((entry) => Object.values(problemsOf(entry)).some((problem) => problem !== undefined))) return;
      const [first, ...others] = entries.map(({ address, label }, at) => {
        const amount = amounts[at];
        return {
          to_address: address.trim(),
          amount: amount !== undefined && "sats" in amount ? Number(amount.sats) : 0,
          ...(label.trim() !== "" && { label: label.trim() }),
        };
      });
      if (first === undefined) return;
      const { amount, ...named } = first;
      return {
        ...named,
        ...(sendsAll ? { send_all: true } : { amount }),
        ...(others.length > 0 && { recipients: others }),
      };
    },
  };
}

export type Recipients = ReturnType<typeof useRecipients>;
