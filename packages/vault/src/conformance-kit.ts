import type { Migration } from "./migrations.ts";
import {
  KEY_LENGTH_MAX,
  type OpenVault,
  type RecordValue,
  VALUE_LENGTH_MAX,
  type Vault,
  type VaultChange,
  VaultError,
  type VaultErrorCode,
} from "./vault.ts";

/** What the rules of vault-conformance.ts and vault-conformance-keeping.ts are said with. No test runner: they run in a browser's page too. */

/** What can be done to a vault that nobody has open, behind its back. */
export type Damage =
  /** One bit of what is kept of a record of `labels`. */
  | "record-changed"
  /** A record of `labels` is gone. */
  | "record-lost"
  /** A record of `labels` as it was before the last write of it. */
  | "record-old"
  /** Two records of `labels`, each in the other's place. */
  | "records-exchanged"
  | "all-records-lost"
  | "key-lost"
  | "key-garbled"
  /** A passphrase's work of 2^30. */
  | "key-absurd"
  | "key-too-new";

/** Where vaults of one implementation are kept, made anew for each test. */
export interface VaultPlace {
  /** A vault as a program that starts has it. */
  vault(options?: { readonly migrations?: readonly Migration[] }): Vault;
  /** Keeps what is stored now, of a vault that nobody has open, for `record-old`. */
  remember?(): Promise<void>;
  /** Does damage; absent where the implementation has nothing that could be damaged. */
  damage?(kind: Damage): Promise<void>;
}

/** A rule that every vault keeps, without a test runner: it rejects where it is broken. */
export interface VaultTest {
  readonly name: string;
  readonly needsDamage?: true;
  run(place: VaultPlace): Promise<void>;
}

export const PASSPHRASE = "correct horse battery";
export const OTHER = "another one altogether";

/** Every kind of value, and texts that are not ASCII. */
export const VALUE: RecordValue = {
  text: "Grüße \u{1F511} \0 \ud800 end",
  list: [1, -2.5, 0, true, null, "", [], {}],
  __proto__x: 1e300,
  nested: { amount: "2100000000000000" },
};

export function refusedChanges(): VaultChange[] {
  const deep = JSON.parse(`${"[".repeat(100)}${"]".repeat(100)}`);
  const values: unknown[] = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1n,
    { a: undefined },
    () => 1,
    new Date(),
    [Symbol("a")],
    deep,
  ];
  return [
    ...values.map((value) => ({ collection: "labels", key: "c", value }) as VaultChange),
    { collection: "labels", key: "", value: 1 },
    { collection: "labels", key: "k".repeat(KEY_LENGTH_MAX + 1), value: 1 },
    { collection: "labels", key: "half \udc00", value: 1 },
    { collection: "labels", key: "c", value: "v".repeat(VALUE_LENGTH_MAX) },
    { collection: "nothing" as "labels", key: "c", value: 1 },
  ];
}

export function labelAt(index: number): VaultChange & { readonly value: string } {
  return { collection: "labels", key: String(index).padStart(5, "0"), value: `label ${index}` };
}

export async function keysOf(open: OpenVault): Promise<readonly string[]> {
  return (await open.list("labels")).map(({ key }) => key);
}

export function changedAt(bytes: Uint8Array, offset: number, value = bytes[offset]! ^ 1): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[offset] = value;
  return changed;
}

export async function isAllLocked(open: OpenVault): Promise<void> {
  await fails(open.get("labels", "a"), "locked");
  await fails(open.list("labels"), "locked");
  await fails(open.write([labelAt(9)]), "locked");
  await fails(open.isPassphrase(PASSPHRASE), "locked");
  await fails(open.changePassphrase(PASSPHRASE, OTHER), "locked");
  await fails(open.backup(PASSPHRASE), "locked");
}

export async function isState(vault: Vault, kind: "absent" | "locked" | "open"): Promise<void> {
  isSame((await vault.state()).kind, kind);
}

/** Rejects unless `work` does, with this code. */
export async function fails(work: Promise<unknown>, code: VaultErrorCode): Promise<VaultError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  return isCode(outcome, code);
}

export function isCode(error: unknown, code: VaultErrorCode): VaultError {
  if (error === undefined) throw new Error(`it did not fail; '${code}' was expected`);
  if (!(error instanceof VaultError)) throw error;
  if (error.code !== code) throw new Error(`it failed with '${error.code}' (${error.message}); '${code}' was expected`);
  return error;
}

export function isSame(found: unknown, expected: unknown): void {
  const [a, b] = [textOf(found), textOf(expected)];
  if (a !== b) throw new Error(`found ${a.slice(0, 300)}; ${b.slice(0, 300)} was expected`);
}

/** JSON with members in order of their names. */
export function textOf(value: unknown): string {
  return (
    JSON.stringify(value, (_, member) =>
      typeof member === "object" && member !== null && !Array.isArray(member)
        ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
        : member,
    ) ?? "undefined"
  );
}
