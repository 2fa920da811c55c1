import { tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { MAX_MONEY } from "@bitfleet/protocol/consensus/amount.ts";
import { parseDisplayHash, type Sats } from "@bitfleet/protocol/primitives/types.ts";
import { SourceProblem } from "./chain-source.ts";

/** Parts of servers' answers, which may be anything, whatever their types say: what is not of its kind is refused with a `SourceProblem`. */

/** Satoshis for 1000 vbytes: no payment of ours pays more than a hundredth of that. */
const FEERATE_MAX = 1_000_000_000;

/** Bytes in hex. */
export function hexOf(value: unknown): Uint8Array {
  const bytes = typeof value === "string" ? tryFromHex(value) : undefined;
  if (bytes === undefined) throw unexpected("bytes that are not in hex");
  return bytes;
}

/** An integer that is not negative. */
export function count(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw unexpected("a number that is none");
  return value;
}

/** An amount that can be. */
export function sats(value: unknown): Sats {
  const amount = BigInt(count(value));
  if (amount > MAX_MONEY) throw unexpected("an amount that cannot be");
  return amount;
}

export function list<Item>(value: readonly Item[]): readonly Item[] {
  if (!Array.isArray(value)) throw unexpected("no list where there should be one");
  return value;
}

/** An answer, or a part of one, that has fields. */
export function fields<Value extends object>(value: Value): Value {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw unexpected("something else where there should be fields");
  return value;
}

/** What is shown to people of a name that a server gives. */
const NAME_LENGTH_MAX = 40;

export function nameOf(value: unknown): string {
  if (typeof value !== "string" || value === "") throw new SourceProblem("not-a-server", NO_NAME);
  return value.slice(0, NAME_LENGTH_MAX);
}

const NO_NAME = "The server's answer does not say which network it is on.";

/** A hash as it is displayed. */
export function hashOf<Hash extends Uint8Array>(value: unknown): Hash {
  const hash = typeof value === "string" ? parseDisplayHash<Hash>(value) : undefined;
  // Anything that answers may do so with a page of its own.
  if (hash === undefined) throw new SourceProblem("not-a-server", "The server's answer has a hash that is none.");
  return hash;
}

/** Satoshis for 1000 vbytes; `undefined` for what nobody would pay. */
export function feerate(value: unknown): Sats | undefined {
  const isSane = typeof value === "number" && value > 0 && value <= FEERATE_MAX;
  return isSane ? BigInt(Math.ceil(value)) : undefined;
}

const unexpected = (what: string) => new SourceProblem("unexpected", `The server's answer has ${what}.`);
