import { isPaymentUri, type ReadPayment, readable, readPayment } from "../money/read-payment.ts";
import { type CodeKind, kindOf, partName } from "./code-kind.ts";
import type { CodeContent } from "./read-code.ts";
import { texts } from "./texts.ts";

/** What a field takes of a code, or why it takes nothing of it, in a sentence that repeats nothing of what is secret. */
export type Taken = { readonly value: string } | { readonly problem: string };

/** What a field wants of a code. */
export interface Wanted {
  /** "an address or a payment link". */
  readonly what: string;
  /** Of a text that holds no phrase and no private key. */
  readonly take: (text: string, kind: CodeKind) => Taken;
}

/** What is taken of a code that was read. */
export function takenOf(content: CodeContent, wanted: Wanted): Taken {
  const kind = kindOf(content);
  switch (kind) {
    case "phrase":
      return { problem: texts.code.phrase };
    case "private-key":
      return { problem: texts.code.privateKey };
    case "part":
      return { problem: texts.code.part(partName(content) ?? "") };
    case "bytes":
      return { problem: texts.code.bytes };
    default:
      return content.kind === "text" ? wanted.take(content.text.trim(), kind) : { problem: texts.code.bytes };
  }
}

const elseThan = (kind: CodeKind, what: string): Taken => ({
  problem: kind === "other" ? texts.code.other(what) : texts.code.otherKind(texts.kinds[kind as Named], what),
});
type Named = keyof typeof texts.kinds;

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
  return {
    what,
    take: (text, kind) => {
      if (kind !== "watched" && kind !== "address" && kind !== "payment") return elseThan(kind, what);
      const read =
        kind === "payment" ? readPayment(text, chain) : { address: kind === "address" ? readable(text) : text };
      if ("problem" in read) return read;
      const problem = problemOf(read.address);
      return problem === undefined ? { value: read.address } : { problem };
    },
  };
}

/** The key of somebody who signs with others, also as devices write it in JSON. `problemOf`: why it is none. */
export function cosignerWanted(problemOf: (text: string) => string | undefined): Wanted {
  const what = texts.wanted.cosigner;
  return {
    what,
    take: (text, kind) => {
      if (kind !== "watched" && !text.startsWith("{")) return elseThan(kind, what);
      const problem = problemOf(text);
      return problem === undefined ? { value: text } : { problem };
    },
  };
}

/** A PSBT in base64; whether it is whole is found out where it is opened. */
export const psbtWanted: Wanted = {
  what: texts.wanted.psbt,
  take: (text, kind) => (kind === "psbt" ? { value: text } : elseThan(kind, texts.wanted.psbt)),
};
