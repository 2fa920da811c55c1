import { psbtOfText } from "../money/psbt-of-text.ts";
import { isPaymentUri, type ReadPayment, readable, readPayment } from "../money/read-payment.ts";
import { type DeviceKey, keyTextsOf } from "../parts/device-keys.ts";
import { type CodeKind, kindOf } from "./code-kind.ts";
import type { CodeContent } from "./read-code.ts";
import { texts } from "./texts.ts";

/** What a field takes of a code; what is to be chosen from; or why it takes nothing of it, in a sentence that repeats nothing of what is secret. */
export type Taken = { readonly value: string } | { readonly choices: readonly Choice[] } | { readonly problem: string };

/** One of several that a code has for a field. */
export interface Choice {
  readonly title: string;
  readonly value: string;
}

/** What a field wants of a code. */
export interface Wanted {
  /** "an address or a payment link". */
  readonly what: string;
  /** Codes of which it takes something. */
  readonly kinds: readonly CodeKind[];
  /** Of a text that holds no phrase and no private key. */
  readonly take: (text: string, kind: CodeKind) => Taken;
  /** Of keys that a device hands out; absent where they are of no use. */
  readonly takeKeys?: (keys: readonly DeviceKey[]) => Taken;
  /** Of a private key by itself, where one is wanted: nobody else is handed one. */
  readonly takeSecret?: (text: string) => Taken;
}

/** What is taken of a code that was read. */
export function takenOf(content: CodeContent, wanted: Wanted): Taken {
  const kind = kindOf(content);
  switch (kind) {
    case "phrase":
      return { problem: texts.code.phrase };
    case "private-key":
      return content.kind === "text" && wanted.takeSecret !== undefined
        ? wanted.takeSecret(content.text.trim())
        : { problem: texts.code.privateKey };
    case "bytes":
      return { problem: texts.code.bytes };
    default:
      return content.kind === "text" ? wanted.take(content.text.trim(), kind) : { problem: texts.code.bytes };
  }
}

function elseThan(kind: CodeKind, what: string): Taken {
  const its = Object.hasOwn(texts.kinds, kind) ? texts.kinds[kind as keyof typeof texts.kinds] : undefined;
  return { problem: its === undefined ? texts.code.other(what) : texts.code.otherKind(its, what) };
}

type AddressProblem = (address: string) => string | undefined;

/** A payment link or an address that can be paid; the link as it is, to be read where it is pasted. */
export function paymentWanted(chain: string, addressProblem: AddressProblem): Wanted {
  return payableWanted(chain, addressProblem, (link) => link);
}

/** An address that can be paid, also that of a payment link. */
export function addressWanted(chain: string, addressProblem: AddressProblem): Wanted {
  return payableWanted(chain, addressProblem, (_link, { address }) => address);
}

/** `taken`: what is taken of a payment link. */
function payableWanted(
  chain: string,
  addressProblem: AddressProblem,
  taken: (link: string, payment: ReadPayment) => string,
): Wanted {
  const what = texts.wanted.payment;
  return {
    what,
    kinds: ["payment", "address"],
    take: (text, kind) => {
      if (!isPaymentUri(text)) return addressOf(text, kind, { what, addressProblem });
      const read = readPayment(text, chain);
      return "problem" in read ? read : { value: taken(text, read) };
    },
  };
}

function addressOf(
  text: string,
  kind: CodeKind,
  { what, addressProblem }: { readonly what: string; readonly addressProblem: AddressProblem },
): Taken {
  if (kind !== "address") return elseThan(kind, what);
  const address = readable(text.replace(/^lightning:/iu, ""));
  const problem = addressProblem(address);
  return problem === undefined ? { value: address } : { problem };
}

/** What can be watched. `problemOf`: why it cannot. */
export function watchedWanted(chain: string, problemOf: (text: string) => string | undefined): Wanted {
  const what = texts.wanted.watched;
  const kinds: readonly CodeKind[] = ["watched", "address", "payment"];
  return {
    what,
    kinds,
    takeKeys: (keys) => watchedOfKeys(keys, problemOf),
    take: (text, kind) => {
      if (!kinds.includes(kind)) return elseThan(kind, what);
      const read =
        kind === "payment" ? readPayment(text, chain) : { address: kind === "address" ? readable(text) : text };
      if ("problem" in read) return read;
      const problem = problemOf(read.address);
      return problem === undefined ? { value: read.address } : { problem };
    },
  };
}

/** The key of somebody who signs with others, also as devices write it in JSON, or as an account shows it. `problemOf`: why it is none. */
export function cosignerWanted(problemOf: (text: string) => string | undefined): Wanted {
  const what = texts.wanted.cosigner;
  return {
    what,
    kinds: ["watched"],
    takeKeys: (keys) => cosignerOfKeys(keys, problemOf),
    take: (text, kind) => {
      if (kind !== "watched" && !text.startsWith("{")) return elseThan(kind, what);
      const problem = problemOf(text);
      return problem === undefined ? { value: text } : { problem };
    },
  };
}

/** A private key whose coins are swept. `problemOf`: why a text is none. */
export function keyWanted(problemOf: (text: string) => string | undefined): Wanted {
  const what = texts.wanted.key;
  return {
    what,
    kinds: ["private-key"],
    take: (_text, kind) => elseThan(kind, what),
    takeSecret: (text) => {
      const problem = problemOf(text);
      return problem === undefined ? { value: text } : { problem };
    },
  };
}

/** The key that a device has for shared wallets; or the one that is there, with whatever there is to say of it. */
function cosignerOfKeys(keys: readonly DeviceKey[], problemOf: (text: string) => string | undefined): Taken {
  const [key] = [...keyTextsOf(keys, ["wsh-cosigner"]), ...keyTextsOf(keys, ["any"])];
  if (key === undefined) return { problem: texts.code.noCosigner };
  const problem = problemOf(key);
  return problem === undefined ? { value: key } : { problem };
}

/** Of a device's keys those that can be watched: one, or which of them is to be chosen. */
function watchedOfKeys(keys: readonly DeviceKey[], problemOf: (text: string) => string | undefined): Taken {
  const all = keys.flatMap(({ watched, use }) => (watched === undefined ? [] : [{ watched, use }]));
  const fitting = all.filter(({ watched }) => problemOf(watched) === undefined);
  const [first, ...others] = fitting;
  if (first === undefined) {
    const [any] = all;
    return { problem: (any && problemOf(any.watched)) ?? texts.code.cosigners };
  }
  if (others.length === 0) return { value: first.watched };
  const together = fitting.map(({ watched }) => watched).join("\n");
  const everything = { title: texts.choices.all(fitting.length), value: together };
  // Of two accounts the path says which is which.
  const areAlike = new Set(fitting.map(({ use }) => use)).size < fitting.length;
  const titleOf = (use: DeviceKey["use"], watched: string) =>
    areAlike ? `${texts.choices.uses[use]} ${/\[[^\]]*\]/u.exec(watched)?.[0] ?? watched}` : texts.choices.uses[use];
  const each = fitting.map(({ use, watched }) => ({ title: titleOf(use, watched), value: watched }));
  return { choices: problemOf(together) === undefined ? [everything, ...each] : each };
}

/** A PSBT, in base64, also of a signed transaction; whether it is whole is found out where it is opened. */
export const psbtWanted: Wanted = {
  what: texts.wanted.psbt,
  kinds: ["psbt", "transaction"],
  take: (text, kind) =>
    kind === "psbt" || kind === "transaction" ? { value: psbtOfText(text) } : elseThan(kind, texts.wanted.psbt),
};
