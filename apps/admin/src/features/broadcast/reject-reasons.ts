import { broadcastTexts } from "./texts.ts";

/** What a refusal means, and what can be done, for a reason in Bitcoin Core's words. */
export function reasonMeaning(reason: string): string {
  const { reasons, unknownReason } = broadcastTexts;
  // The longest beginning that fits: "bad-txns-in-belowout" before "bad-txns".
  const known = Object.keys(reasons)
    .filter((beginning) => reason.startsWith(beginning))
    .sort((a, b) => b.length - a.length)[0];
  return known === undefined ? unknownReason : reasons[known as keyof typeof reasons];
}

/** Whether it is refused for a fee that looks like a slip of the pen alone. */
export function isFeeTooHigh(reason: string): boolean {
  return reason.startsWith("max-fee-exceeded") || reason.startsWith("max feerate exceeded");
}

/** Which input's script refuses, where that is why; the node names it behind the reason. */
export function failingInput(reason: string): number | undefined {
  const digits = /script-verify-flag-failed.*?\binput (\d{1,6}) of\b/.exec(reason)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Whether it is refused since coins are not there. */
export function areCoinsMissing(reason: string): boolean {
  return reason.startsWith("bad-txns-inputs-missingorspent") || reason.startsWith("missing-inputs");
}
