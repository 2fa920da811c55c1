import type { Expansion } from "../descriptors/descriptor.ts";
import { keyIdOf } from "../keys/keys.ts";
import { type ChangeSet, type DerivedScript, type DescriptorProgress, scriptKey } from "../ledger/change-set.ts";
import type { DescriptorId, ScriptOwner } from "../ledger/wallet-coin.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import type { DescriptorRecord, DescriptorUse } from "./descriptor-record.ts";
import { ScriptSource, type SourceContext } from "./script-source.ts";
import { scriptsOfKey } from "./single-key.ts";

/** What a change of the keychain writes. */
export type KeychainChanges = Pick<ChangeSet, "descriptors" | "scripts">;

export const NO_KEYCHAIN_CHANGES: KeychainChanges = { descriptors: [], scripts: [] };

/** An address's script that was given out. */
export interface TakenScript {
  readonly script: Uint8Array;
  readonly owner: ScriptOwner;
  readonly changes: KeychainChanges;
}

export interface KeychainOptions {
  /** How many addresses behind the last one in use are watched (`-keypool`). */
  readonly lookAhead: number;
}

/** What the keychain knows of private keys: those at hand, and the names of those that a locked wallet has too. */
export interface KeychainSecrets {
  /** The keys at hand; empty while they are locked. */
  readonly unlocked: SigningMaterial;
  /** Whether the wallet has the private half of a key, locked or not. */
  has(keyId: string): boolean;
}

/**
 * Addresses that are derived at most where a descriptor is added or an address given out, a quarter of a second's work: the rest is for who
 * calls {@link Keychain.topUp}, in steps.
 */
const LOOK_AHEAD_STEP = 1000;

/** Owners are kept as one number each: index, and above it the descriptor. */
const INDEX_LIMIT = 2 ** 31;

/**
 * The descriptors of a wallet, and whose each script is. Methods that change it answer what is to be written; the caller writes it before
 * it tells anybody. Errors are values, in Core's words.
 */
export class Keychain {
  readonly #lookAhead: number;
  readonly #context: SourceContext;
  readonly #secrets: KeychainSecrets;
  readonly #sources = new Map<DescriptorId, ScriptSource>();
  readonly #owners = new Map<string, number>();
  /** Further owners of scripts that several descriptors stand for. */
  readonly #otherOwners = new Map<string, number[]>();

  constructor(options: KeychainOptions, deps: SourceContext & { readonly secrets: KeychainSecrets }) {
    this.#lookAhead = options.lookAhead;
    this.#context = deps;
    this.#secrets = deps.secrets;
  }

  /** Takes in a descriptor and its scripts as they were stored. Throws `Error` where the record is damaged. */
  load(record: DescriptorRecord, progress: DescriptorProgress): void {
    this.#sources.set(record.id, new ScriptSource(record, progress, this.#context));
  }

  /** Takes in a script as it was stored, of a descriptor that was loaded. */
  loadScript(derived: DerivedScript): void {
    const { descriptorId, index, hardenedKeys } = derived;
    if (hardenedKeys !== undefined) this.#sources.get(descriptorId)?.loadHardenedKeys(index, hardenedKeys);
    this.#addOwner(derived);
  }

  /**
   * Adds a descriptor, or takes the place of the one with its id, whose watched range must not become smaller. `undefined` where its scripts
   * cannot be derived without private keys that are not at hand: then it is not added.
   */
  put(record: DescriptorRecord, progress: DescriptorProgress): KeychainChanges | undefined {
    const source = this.draft(record, progress);
    const scripts = source.topUp(this.#nextStep(source), this.#secrets.unlocked);
    return scripts && this.adopt(source, scripts);
  }

  /** How many addresses behind the last one in use are watched. */
  get lookAhead(): number {
    return this.#lookAhead;
  }

  /** A descriptor that is not the wallet's yet: its scripts may be derived in pieces, for {@link adopt}. Throws `Error` where its text is none. */
  draft(record: DescriptorRecord, progress: DescriptorProgress): ScriptSource {
    return new ScriptSource(record, progress, this.#context);
  }

  /** As {@link put}, of a draft that was topped up, with all the scripts that were derived of it. */
  adopt(source: ScriptSource, scripts: readonly DerivedScript[]): KeychainChanges {
    this.#sources.set(source.record.id, source);
    return this.#changes(source, scripts);
  }

  /** Replaces what is said of a descriptor, its text apart. */
  replaceRecord(record: DescriptorRecord): void {
    this.source(record.id).record = record;
  }

  get sources(): Iterable<ScriptSource> {
    return this.#sources.values();
  }

  get isEmpty(): boolean {
    return this.#sources.size === 0;
  }

  /** One above the greatest id. */
  get nextId(): DescriptorId {
    return Math.max(0, ...this.#sources.keys()) + 1;
  }

  /** The descriptor with an id, which is one of the wallet's. */
  source(id: DescriptorId): ScriptSource {
    const source = this.#sources.get(id);
    if (source === undefined) throw new Error(`there is no descriptor ${id} in this wallet`);
    return source;
  }

  /** The descriptor that addresses of this kind come from. */
  activeSource({ addressType, isInternal }: DescriptorUse): ScriptSource | undefined {
    for (const source of this.#sources.values()) {
      const use = source.record.activeFor;
      if (use?.addressType === addressType && use.isInternal === isInternal) return source;
    }
    return undefined;
  }

  activeSources(): readonly ScriptSource[] {
    return [...this.#sources.values()].filter(({ record }) => record.activeFor !== undefined);
  }

  /** The private keys at hand. */
  get unlocked(): SigningMaterial {
    return this.#secrets.unlocked;
  }

  /** Whether the wallet has a private key that a descriptor is signed with, locked or not. */
  hasPrivateKeys({ rootKeyIds }: ScriptSource): boolean {
    return rootKeyIds.some((id) => this.#secrets.has(id));
  }

  /** Whose a script is: the descriptor that was there first. */
  ownerOf(script: Uint8Array): ScriptOwner | undefined {
    const owner = this.#owners.get(scriptKey(script));
    return owner === undefined ? undefined : unpacked(owner);
  }

  /** All descriptors that stand for a script, in the order in which they came. */
  ownersOf(script: Uint8Array): readonly ScriptOwner[] {
    const key = scriptKey(script);
    const first = this.#owners.get(key);
    return first === undefined ? [] : [first, ...(this.#otherOwners.get(key) ?? [])].map(unpacked);
  }

  get scriptCount(): number {
    return this.#owners.size;
  }

  /** Every script that is watched, from the `from`-th on in the order in which they were derived. */
  scripts(from = 0): Uint8Array[] {
    const found: Uint8Array[] = [];
    let position = 0;
    for (const key of this.#owners.keys()) if (position++ >= from) found.push(Uint8Array.from(key, byteOf));
    return found;
  }

  /** What is known of a script of the wallet, private keys left out; `undefined` where its keys are locked and it takes them. */
  expansionOf({ descriptorId, index }: ScriptOwner): Expansion | undefined {
    return this.source(descriptorId).expansionAt(index, this.#secrets.unlocked);
  }

  /**
   * What signing for a script takes, as far as the wallet's descriptors tell and, with `includePrivate`, its keys are at hand: those of the
   * wallet, or `secrets`. `undefined` for a script of others.
   */
  materialFor(
    script: Uint8Array,
    { includePrivate }: { readonly includePrivate: boolean },
    secrets = this.#secrets.unlocked,
  ): SigningMaterial | undefined {
    const owners = this.ownersOf(script);
    if (owners.length === 0) return undefined;
    const found = new SigningMaterial();
    for (const owner of owners) this.#addMaterial(owner, includePrivate ? secrets : undefined, found);
    return found;
  }

  /**
   * What signing with a public key of the wallet's descriptors takes, at whichever index it is. Looks through all scripts of descriptors of
   * several keys the first time.
   */
  materialForKey(publicKey: Uint8Array, secrets = this.#secrets.unlocked): SigningMaterial | undefined {
    const owners = scriptsOfKey(publicKey, this.#context.secp256k1).flatMap((script) => this.ownersOf(script));
    const owner = this.#ownersByKey().get(keyIdOf(publicKey));
    if (owner !== undefined) owners.push(unpacked(owner));
    if (owners.length === 0) return undefined;
    const found = new SigningMaterial();
    for (const one of owners) this.#addMaterial(one, secrets, found);
    return found;
  }

  /** Watches further addresses where those not given out have become fewer than there should be. False where that takes locked keys. */
  topUp(lookAhead = this.#lookAhead): { readonly changes: KeychainChanges; readonly isComplete: boolean } {
    const descriptors: DescriptorProgress[] = [];
    const scripts: DerivedScript[] = [];
    let isComplete = true;
    for (const source of this.activeSources()) {
      const changes = this.#topUp(source, lookAhead);
      if (changes === undefined) isComplete = false;
      descriptors.push(...(changes?.descriptors ?? []));
      scripts.push(...(changes?.scripts ?? []));
    }
    return { changes: { descriptors, scripts }, isComplete };
  }

  /** Gives out the next address of a kind. */
  take(use: DescriptorUse): TakenScript | { readonly error: string } {
    const source = this.activeSource(use);
    if (source === undefined) return { error: `Error: No ${use.addressType} addresses available.` };
    if (!this.canGive(source)) return { error: "No addresses available" };
    const toppedUp = this.#topUp(source, this.#nextStep(source)) ?? this.#topUp(source, 1);
    const { nextIndex } = source.progress;
    const script = this.#firstScript(source, nextIndex);
    if (script === undefined) return { error: "Error: Keypool ran out, please call keypoolrefill first" };
    source.progress = { ...source.progress, nextIndex: nextIndex + 1 };
    const changes = { descriptors: [source.progress], scripts: toppedUp?.scripts ?? [] };
    return { script, owner: { descriptorId: source.record.id, index: nextIndex }, changes };
  }

  /** Takes an address back that was given out and told to nobody, if none was given out since. */
  giveBack({ descriptorId, index }: ScriptOwner): KeychainChanges {
    const source = this.source(descriptorId);
    if (source.progress.nextIndex - 1 !== index) return NO_KEYCHAIN_CHANGES;
    source.progress = { ...source.progress, nextIndex: index };
    return { descriptors: [source.progress], scripts: [] };
  }

  /** Whether addresses can be given out of a descriptor, were its keys unlocked. */
  canGive(source: ScriptSource): boolean {
    const { nextIndex, rangeEnd } = source.progress;
    const isSingle = source.addressType !== undefined;
    const hasMore = source.isSelfExpanding || nextIndex < rangeEnd || this.hasPrivateKeys(source);
    return isSingle && source.isRanged && hasMore;
  }

  /** Whether addresses of any kind can be given out, to receive by or for change. */
  canGiveAny(isInternal: boolean): boolean {
    return this.activeSources().some(
      (source) => source.record.activeFor?.isInternal === isInternal && this.canGive(source),
    );
  }

  /**
   * A script of the wallet was paid to: it, and those before it, are given out no more, and further ones are watched. `passed` are the scripts
   * that nobody had been told, for the address book.
   */
  markUsed(script: Uint8Array): {
    readonly changes: KeychainChanges;
    readonly passed: readonly Uint8Array[];
    readonly isToppedUp: boolean;
  } {
    const descriptors: DescriptorProgress[] = [];
    const scripts: DerivedScript[] = [];
    const passed: Uint8Array[] = [];
    let isToppedUp = true;
    for (const { descriptorId, index } of this.ownersOf(script)) {
      const source = this.source(descriptorId);
      const { nextIndex } = source.progress;
      for (let skipped = nextIndex; skipped <= index; skipped++) {
        const first = this.#firstScript(source, skipped);
        if (first !== undefined) passed.push(first);
      }
      if (index >= nextIndex) source.progress = { ...source.progress, nextIndex: index + 1 };
      const changes = this.#topUp(source, this.#lookAhead);
      isToppedUp &&= changes !== undefined;
      if (index >= nextIndex || (changes?.descriptors.length ?? 0) > 0) descriptors.push(source.progress);
      scripts.push(...(changes?.scripts ?? []));
    }
    return { changes: { descriptors, scripts }, passed, isToppedUp };
  }

  /** Of those that were derived. */
  #firstScript(source: ScriptSource, index: number): Uint8Array | undefined {
    const key = source.firstKeyAt(index);
    return key === undefined ? undefined : Uint8Array.from(key, byteOf);
  }

  #addMaterial({ descriptorId, index }: ScriptOwner, secrets: SigningMaterial | undefined, found: SigningMaterial) {
    const source = this.source(descriptorId);
    const expansion = source.expansionAt(index, secrets ?? this.#secrets.unlocked);
    if (expansion !== undefined) found.merge(expansion.material);
    if (secrets !== undefined) source.addPrivateKeysAt(index, secrets, found);
  }

  /** Owners by the names of public keys, of as many scripts as were looked through; those of single keys are found by their scripts. */
  readonly #keyOwners = new Map<string, number>();
  #keyOwnersScriptCount = 0;

  #ownersByKey(): ReadonlyMap<string, number> {
    let position = 0;
    for (const packed of this.#owners.values()) {
      if (position++ < this.#keyOwnersScriptCount) continue;
      if (this.source(unpacked(packed).descriptorId).isOfSingleKey) continue;
      for (const keyId of this.expansionOf(unpacked(packed))?.material.publicKeys.keys() ?? []) {
        if (!this.#keyOwners.has(keyId)) this.#keyOwners.set(keyId, packed);
      }
    }
    this.#keyOwnersScriptCount = this.#owners.size;
    return this.#keyOwners;
  }

  /** How far to watch now: as far as is wanted, or a step further than now. */
  #nextStep({ unusedCount }: ScriptSource): number {
    return Math.min(this.#lookAhead, Math.max(0, unusedCount) + LOOK_AHEAD_STEP);
  }

  /** Progress is among the changes only where it has changed. */
  #topUp(source: ScriptSource, lookAhead: number): KeychainChanges | undefined {
    const before = source.progress.rangeEnd;
    const scripts = source.topUp(lookAhead, this.#secrets.unlocked);
    if (scripts === undefined) return undefined;
    const changes = this.#changes(source, scripts);
    return source.progress.rangeEnd === before ? { ...changes, descriptors: [] } : changes;
  }

  #changes(source: ScriptSource, scripts: readonly DerivedScript[]): KeychainChanges {
    for (const derived of scripts) this.#addOwner(derived);
    return { descriptors: [source.progress], scripts };
  }

  #addOwner({ script, descriptorId, index }: DerivedScript): void {
    const key = scriptKey(script);
    this.#sources.get(descriptorId)?.noteDerived(index, key);
    const owner = descriptorId * INDEX_LIMIT + index;
    const first = this.#owners.get(key);
    if (first === undefined) {
      this.#owners.set(key, owner);
      return;
    }
    const others = this.#otherOwners.get(key) ?? [];
    const isKnown = [first, ...others].some((known) => Math.floor(known / INDEX_LIMIT) === descriptorId);
    if (!isKnown) this.#otherOwners.set(key, [...others, owner]);
  }
}

function unpacked(owner: number): ScriptOwner {
  return { descriptorId: Math.floor(owner / INDEX_LIMIT), index: owner % INDEX_LIMIT };
}

const byteOf = (character: string) => character.charCodeAt(0);
