import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { Unit } from "@bitfleet/ui/format.ts";
import { amountEntryIn, readAmount } from "@bitfleet/ui/payment/entries.ts";
import { filledByLink, type LinkFields, withoutLink } from "@bitfleet/ui/payment/link-fields.ts";
import type { FeeWish } from "../../money/fee-wish.ts";
import { isPaymentUri, readPayment } from "../../money/read-payment.ts";
import type { PaymentRequest } from "../../session/account.ts";
import { texts } from "./texts.ts";

/** What is entered of a payment before it is looked at: plain values, and functions from one to the next. */

/** Recipients of one payment. */
export const RECIPIENTS_MAX = 100;

export interface RecipientEntry extends LinkFields {
  readonly id: number;
  readonly address: string;
  /** What the payment link says beside the fields, or what is wrong with it. */
  readonly note?: string | undefined;
  readonly problem?: string | undefined;
}

export interface Draft {
  readonly recipients: readonly RecipientEntry[];
  /** Of the amounts, as they were entered. */
  readonly unit: Unit;
  /** Which recipient gets all that is left. */
  readonly restTo: number | undefined;
  readonly fee: FeeWish;
  /** "txid:index"; the wallet chooses where there are none. */
  readonly coins: readonly string[];
  readonly isReplaceable: boolean;
}

const blank = (id: number): RecipientEntry => ({ id, address: "", amount: "", label: "" });

export function emptyDraft(unit: Unit): Draft {
  return { recipients: [blank(0)], unit, restTo: undefined, fee: {}, coins: [], isReplaceable: true };
}

/** The same amounts, entered in another unit. */
export function draftIn(draft: Draft, unit: Unit): Draft {
  if (draft.unit === unit) return draft;
  const recipients = draft.recipients.map((one) => ({ ...one, amount: amountEntryIn(one.amount, draft.unit, unit) }));
  return { ...draft, recipients, unit };
}

export function withRecipient(draft: Draft, id: number, fields: Partial<RecipientEntry>): Draft {
  return { ...draft, recipients: draft.recipients.map((one) => (one.id === id ? { ...one, ...fields } : one)) };
}

/** An address as it is entered; a payment link fills in the other fields, in place of what another one has filled in, or says why it does not. */
export function withAddress(draft: Draft, id: number, text: string, chain: string): Draft {
  const plain = withRecipient(draft, id, { address: text, note: undefined, problem: undefined });
  if (!isPaymentUri(text)) return plain;
  const read = readPayment(text, chain);
  const fields = draft.recipients.find((one) => one.id === id) ?? blank(id);
  if ("problem" in read) {
    return withRecipient(plain, id, { ...withoutLink(fields, draft.unit), problem: read.problem });
  }
  const { address, sats, note } = read;
  const filled = withRecipient(plain, id, { address, note, ...filledByLink(fields, read, draft.unit) });
  // A link that names an amount asks for it, and not for everything.
  return sats !== undefined && draft.restTo === id ? { ...filled, restTo: undefined } : filled;
}

export function withOneMore(draft: Draft): Draft {
  if (draft.recipients.length >= RECIPIENTS_MAX) return draft;
  const id = Math.max(...draft.recipients.map((one) => one.id)) + 1;
  return { ...draft, recipients: [...draft.recipients, blank(id)] };
}

export function withoutRecipient(draft: Draft, id: number): Draft {
  if (draft.recipients.length === 1) return draft;
  const recipients = draft.recipients.filter((one) => one.id !== id);
  return { ...draft, recipients, restTo: draft.restTo === id ? undefined : draft.restTo };
}

export interface EntryProblems {
  readonly address?: string | undefined;
  readonly amount?: string | undefined;
}

/** What is wrong with each recipient. `addressProblem`: why an address cannot be paid here. */
export function problemsOf(
  draft: Draft,
  addressProblem: (address: string) => string | undefined,
): ReadonlyMap<number, EntryProblems> {
  const seen = new Set<string>();
  const problems = new Map<number, EntryProblems>();
  for (const { id, address: entered, amount, problem } of draft.recipients) {
    const address = entered.trim();
    const read = draft.restTo === id ? undefined : readAmount(amount.trim(), draft.unit);
    problems.set(id, {
      address:
        problem ??
        (address === ""
          ? texts.problems.noAddress
          : seen.has(address)
            ? texts.problems.twice
            : addressProblem(address)),
      amount: read !== undefined && "problem" in read ? read.problem : undefined,
    });
    seen.add(address);
  }
  return problems;
}

/** What recipients get, of the amounts that can be read. */
export function neededOf(draft: Draft): Sats {
  return draft.recipients.reduce((sum, { id, amount }) => {
    const read = draft.restTo === id ? undefined : readAmount(amount.trim(), draft.unit);
    return sum + (read !== undefined && "sats" in read ? read.sats : 0n);
  }, 0n);
}

/** The payment that is asked for; `undefined` while something of it is missing or wrong. */
export function requestOf(
  draft: Draft,
  feerateSatPerKvb: Sats,
  addressProblem: (address: string) => string | undefined,
): PaymentRequest | undefined {
  const problems = problemsOf(draft, addressProblem);
  if ([...problems.values()].some(({ address, amount }) => address !== undefined || amount !== undefined)) return;
  const recipients = draft.recipients.map(({ id, address, amount, label }) => {
    const read = readAmount(amount.trim(), draft.unit);
    return {
      address: address.trim(),
      amount: draft.restTo === id ? ("all" as const) : "sats" in read ? read.sats : 0n,
      label: label.trim(),
    };
  });
  return {
    recipients,
    feerateSatPerKvb,
    isReplaceable: draft.isReplaceable,
    ...(draft.coins.length > 0 && { coins: draft.coins }),
  };
}

/** Whether nothing was entered yet. */
export function isBlank(draft: Draft): boolean {
  const [first, ...others] = draft.recipients;
  return others.length === 0 && first?.address === "" && first.amount === "" && first.label === "";
}
