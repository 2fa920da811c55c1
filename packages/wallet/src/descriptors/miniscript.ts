import { DescriptorError } from "./descriptor-syntax.ts";

/** BIP379: wrappers in front of a fragment, and the names of fragments. */
const FRAGMENT =
  /^([asctdvjnlu]+:)?((pk|pkh|pk_k|pk_h|older|after|sha256|hash256|ripemd160|hash160|andor|and_[vbn]|or_[bcdi]|thresh|multi|multi_a)\(.*\)|[01])$/;

/** Throws `DescriptorError` for an expression that has the looks of miniscript, which is not understood yet. */
export function refuseMiniscript(expression: string, place: "top" | "sh" | "wsh" | "tr"): void {
  if (!FRAGMENT.test(expression)) return;
  if (place === "top" || place === "sh") {
    throw new DescriptorError("Miniscript expressions can only be used in wsh or tr.");
  }
  throw new DescriptorError(`Miniscript is not supported yet: '${expression}'`);
}
