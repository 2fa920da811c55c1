import { type Descriptor, descriptorText } from "@bitfleet/wallet/descriptors/descriptor.ts";
import { normalizedText } from "@bitfleet/wallet/descriptors/descriptor-forms.ts";
import type { DescriptorRecord, DescriptorUse } from "@bitfleet/wallet/keychain/descriptor-record.ts";
import type { ScriptSource } from "@bitfleet/wallet/keychain/script-source.ts";
import { hasAddress } from "@bitfleet/wallet/ledger/address-book.ts";
import { type DerivedScript, EMPTY_CHANGE_SET } from "@bitfleet/wallet/ledger/change-set.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import { DerivationTurns } from "./derivation-turns.ts";
import type { NodeWallet } from "./node-wallet.ts";
import { WalletFault } from "./wallet-fault.ts";
import { CANNOT_EXPAND, findDescriptor } from "./wallet-setup.ts";

/** A descriptor that its user adds to a wallet. */
export interface DescriptorImport {
  readonly descriptor: Descriptor;
  /** The private keys that were given with it. */
  readonly secrets: SigningMaterial;
  /** Seconds: no transaction that pays to it is older. */
  readonly createdAt: number;
  /** Whether addresses of its kind come from it, from now on. */
  readonly isActive: boolean;
  readonly isInternal: boolean;
  /** First index that is watched, the one behind the last, and the next to give out; without meaning where it is of one index. */
  readonly rangeStart: number;
  readonly rangeEnd: number;
  readonly nextIndex: number;
  /** Of its address, where it is of one index and not for change. */
  readonly label: string;
}

/**
 * Adds a descriptor to a wallet, or brings the one that is there to what is said of it now. All of it is written at once, or nothing. The
 * wallet must be unlocked, and must stay so; `signal` ends it before anything is written. Rejects with `WalletFault`. Answers whether its kind of address is one that can be given out.
 */
export async function importDescriptor(
  wallet: NodeWallet,
  added: DescriptorImport,
  signal?: AbortSignal,
): Promise<{ readonly hasType: boolean }> {
  const known = findDescriptor(wallet, added.descriptor);
  if (known !== undefined) requireWiderRange(known, added);
  const held = new SigningMaterial();
  held.merge(wallet.secrets.unlocked);
  held.merge(added.secrets);
  const draft = draftOf(wallet, added, known, held);
  const scripts = await deriveAll(draft, wallet.keychain.lookAhead, held, signal);
  if (scripts === undefined) throw new WalletFault("failed", CANNOT_EXPAND);
  const use = draft.addressType && { addressType: draft.addressType, isInternal: added.isInternal };
  draft.record = { ...draft.record, activeFor: useAfter(known?.record, use, added.isActive) };
  write(wallet, added, draft, scripts);
  return { hasType: use !== undefined };
}

function requireWiderRange({ isRanged, progress }: ScriptSource, { rangeStart, rangeEnd }: DescriptorImport): void {
  if (!isRanged || (rangeStart <= progress.rangeStart && rangeEnd >= progress.rangeEnd)) return;
  const current = `[${progress.rangeStart},${progress.rangeEnd - 1}]`;
  throw new WalletFault("failed", `new range must include current range = ${current}`);
}

function draftOf(
  { keychain, deps }: NodeWallet,
  { descriptor, createdAt, rangeStart, rangeEnd, nextIndex }: DescriptorImport,
  known: ScriptSource | undefined,
  secrets: SigningMaterial,
): ScriptSource {
  const id = known?.record.id ?? keychain.nextId;
  const record: DescriptorRecord = {
    id,
    text: descriptorText(descriptor),
    normalizedText: normalizedText(descriptor, { secrets, prefixes: deps.prefixes }) ?? known?.record.normalizedText,
    createdAt,
    activeFor: undefined,
  };
  return keychain.draft(record, { id, rangeStart, rangeEnd, nextIndex });
}

/** Thousands of keys are derived in pieces, so that others have a turn. */
async function deriveAll(
  draft: ScriptSource,
  lookAhead: number,
  secrets: SigningMaterial,
  signal: AbortSignal | undefined,
): Promise<readonly DerivedScript[] | undefined> {
  const pieces: (readonly DerivedScript[])[] = [];
  const end = draft.watchedEnd(lookAhead);
  const turns = new DerivationTurns(draft.record.text);
  while (draft.derivedEnd < end) {
    const piece = draft.derive(Math.min(draft.derivedEnd + turns.indexesPerTurn, end), secrets);
    if (piece === undefined) return undefined;
    pieces.push(piece);
    if (draft.derivedEnd < end) await turns.give();
    if (signal?.aborted) throw new WalletFault("failed", "The import was ended.");
  }
  draft.topUp(lookAhead, secrets);
  return pieces.flat();
}

/** One that is not to be active stays so where that is for other addresses than those it is imported for. */
function useAfter(
  before: DescriptorRecord | undefined,
  use: DescriptorUse | undefined,
  isActive: boolean,
): DescriptorUse | undefined {
  if (use === undefined) return undefined;
  if (isActive) return use;
  return isSameUse(before?.activeFor, use) ? undefined : before?.activeFor;
}

const isSameUse = (a: DescriptorUse | undefined, b: DescriptorUse) =>
  a?.addressType === b.addressType && a.isInternal === b.isInternal;

/** Keys, descriptor, scripts and label in one commit; only then they are the wallet's in memory too. */
function write(
  wallet: NodeWallet,
  added: DescriptorImport,
  draft: ScriptSource,
  scripts: readonly DerivedScript[],
): void {
  const { keychain, database, secrets, ledger } = wallet;
  const { record, progress } = draft;
  const { activeFor } = record;
  const replaced = activeFor && keychain.activeSource(activeFor);
  const inactive =
    replaced && replaced.record.id !== record.id ? { ...replaced.record, activeFor: undefined } : undefined;
  try {
    database.transaction(() => {
      for (const key of added.secrets.privateKeys.values()) secrets.add(key);
      if (inactive !== undefined) database.descriptors.put(inactive);
      database.descriptors.put(record);
      const addressBook = draft.isRanged || added.isInternal ? [] : namedScripts(scripts);
      // What was derived before is written already.
      const isNew = ({ script }: DerivedScript) =>
        !keychain.ownersOf(script).some(({ descriptorId }) => descriptorId === record.id);
      wallet.apply({ ...EMPTY_CHANGE_SET, addressBook }, [{ descriptors: [progress], scripts: scripts.filter(isNew) }]);
    });
  } catch (error) {
    secrets.refresh();
    throw error;
  }
  if (inactive !== undefined) keychain.replaceRecord(inactive);
  keychain.adopt(draft, scripts);

  function namedScripts(derived: readonly DerivedScript[]) {
    return derived
      .filter(({ script }) => hasAddress(script))
      .map(({ script }) => {
        const isUsed = ledger.addressBookEntry(script)?.isUsed ?? false;
        return { script, label: added.label, purpose: "receive" as const, isUsed };
      });
  }
}
