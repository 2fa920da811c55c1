import { expect, test } from "vitest";
import type { TransactionPart } from "../../session/account.ts";
import { deltaOf, signedCount, whoIsMissing } from "./psbt-facts.ts";

const part = (owner: TransactionPart["owner"], value: bigint | undefined) => ({
  address: undefined,
  value,
  owner,
  label: "",
});
const input = (owner: TransactionPart["owner"], value: bigint | undefined, isSigned = false) => ({
  ...part(owner, value),
  isSigned,
  canSign: owner === "mine",
});

test("what leaves the account is its coins less its change", () => {
  const inputs = [input("mine", 100n), input("other", 900n)];
  expect(deltaOf({ inputs, outputs: [part("other", 960n), part("change", 30n)] })).toBe(-70n);
});

test("what comes in is no less", () => {
  expect(deltaOf({ inputs: [input("other", undefined)], outputs: [part("mine", 5n)] })).toBe(5n);
});

test("of strangers' transactions nothing is said", () => {
  expect(deltaOf({ inputs: [input("other", 5n)], outputs: [part("contact", 4n)] })).toBeUndefined();
});

test("signed inputs are counted", () => {
  expect(signedCount({ inputs: [input("mine", 1n, true), input("mine", 1n)] })).toBe(1);
});

test("those who have not signed are named, however they are known", () => {
  const signer = (name: string, hasSigned: boolean, fingerprint?: string) => {
    return { name, hasSigned, owner: undefined, fingerprint };
  };
  const missing = (...signers: ReturnType<typeof signer>[]) =>
    whoIsMissing({ required: 2, signed: 0, signers }, (first, last) => `${first} or ${last}`);
  expect(missing(signer("Alice", true), signer("Bob", false))).toBe("Bob");
  expect(missing(signer("Alice", false), signer("", false, "73c5da0a"), signer("", false))).toBe(
    "Alice, 73c5da0a or Key 3",
  );
});
