import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { PsbtSummary, SharedStanding, TransactionPart } from "../../session/account.ts";
import { cosignerName } from "../../shared/cosigner-name.ts";

const isOwn = ({ owner }: TransactionPart) => owner === "mine" || owner === "change";
const worthOf = (parts: readonly TransactionPart[]) =>
  parts.filter(isOwn).reduce((sum, { value }) => sum + (value ?? 0n), 0n);

/** By how much it changes the account; `undefined` where nothing of it is the account's. */
export function deltaOf({ inputs, outputs }: Pick<PsbtSummary, "inputs" | "outputs">): Sats | undefined {
  if (![...inputs, ...outputs].some(isOwn)) return undefined;
  return worthOf(outputs) - worthOf(inputs);
}

export function signedCount({ inputs }: Pick<PsbtSummary, "inputs">): number {
  return inputs.filter(({ isSigned }) => isSigned).length;
}

/** Those who have not signed, in one phrase. `or`: puts the last one behind the others. */
export function whoIsMissing({ signers }: SharedStanding, or: (first: string, last: string) => string): string {
  const names = signers.flatMap((signer, place) => (signer.hasSigned ? [] : [cosignerName(signer, place)]));
  const last = names.pop() ?? "";
  return names.length === 0 ? last : or(names.join(", "), last);
}
