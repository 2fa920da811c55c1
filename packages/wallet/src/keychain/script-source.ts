import type { AddressPrefixes } from "@bitfleet/protocol/script/address.ts";
import {
  addPrivateKeys,
  type Descriptor,
  type Expansion,
  type ExpansionContext,
  expandDescriptor,
  isRanged,
} from "../descriptors/descriptor.ts";
import { isSelfExpanding, rootKeyIdsOf } from "../descriptors/descriptor-forms.ts";
import { parseDescriptor } from "../descriptors/descriptor-parser.ts";
import type { KeyParserContext } from "../descriptors/key-expression-parser.ts";
import type { DerivedScript, DescriptorProgress } from "../ledger/change-set.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import { addressTypeOf } from "./address-type.ts";
import type { AddressType, DescriptorRecord } from "./descriptor-record.ts";
import { HardenedKeys } from "./hardened-keys.ts";
import { isOfSingleKey } from "./single-key.ts";

/** What reading and expanding descriptors takes. */
export interface SourceContext {
  readonly secp256k1: ExpansionContext["secp256k1"] & KeyParserContext["secp256k1"];
  readonly prefixes: AddressPrefixes;
}

/** Expansions kept ready: what is asked about is mostly asked about again, as by each step of a payment of as many coins as one can have. */
const EXPANSIONS_KEPT = 2048;
const NO_SECRETS = new SigningMaterial();

/** One of a wallet's descriptors, and how far it has come. */
export class ScriptSource {
  record: DescriptorRecord;
  progress: DescriptorProgress;
  /** As it was given: what private keys of it are derived by. */
  readonly descriptor: Descriptor;
  readonly isRanged: boolean;
  readonly addressType: AddressType | undefined;
  /** See `isOfSingleKey`. */
  readonly isOfSingleKey: boolean;
  /** Names of the keys whose private halves it is signed with. */
  readonly rootKeyIds: readonly string[];
  /** Whether the scripts of every index can be had without private keys. */
  readonly isSelfExpanding: boolean;
  /** What scripts are derived by: needs no private keys where there is a form that does not. */
  readonly #expanded: Descriptor;
  readonly #context: SourceContext;
  readonly #expansions = new Map<number, Expansion>();
  readonly #hardenedKeys: HardenedKeys;
  /** From the first watched index on: the same strings as the keychain has them, so that they cost a reference each. */
  readonly #firstKeys: string[] = [];
  /** Behind the last index whose scripts were derived. */
  #derivedEnd: number;

  /** Throws `Error` where a text of the record is no descriptor of this network: a damaged store. */
  constructor(record: DescriptorRecord, progress: DescriptorProgress, context: SourceContext) {
    this.record = record;
    this.progress = progress;
    this.#context = context;
    this.descriptor = parsed(record.text, context);
    this.#expanded = record.normalizedText === undefined ? this.descriptor : parsed(record.normalizedText, context);
    this.isRanged = isRanged(this.descriptor);
    this.addressType = addressTypeOf(this.descriptor);
    this.isOfSingleKey = isOfSingleKey(this.descriptor);
    this.rootKeyIds = rootKeyIdsOf(this.descriptor);
    this.isSelfExpanding = isSelfExpanding(this.#expanded);
    this.#hardenedKeys = new HardenedKeys(this.#expanded);
    this.#derivedEnd = progress.rangeStart;
  }

  /** Public keys at an index as they were stored: see {@link DerivedScript}. */
  loadHardenedKeys(index: number, keys: readonly Uint8Array[]): void {
    this.#hardenedKeys.load(index, keys);
  }

  /** A script was derived, now or before it came from the store. `key`: `scriptKey` of it. */
  noteDerived(index: number, key: string): void {
    this.#derivedEnd = Math.max(this.#derivedEnd, index + 1);
    const place = index - this.progress.rangeStart;
    if (place >= 0) this.#firstKeys[place] ??= key;
  }

  /** The `scriptKey` of the first script at an index that was derived. */
  firstKeyAt(index: number): string | undefined {
    return this.#firstKeys[index - this.progress.rangeStart];
  }

  /** Addresses that are watched and were not given out. */
  get unusedCount(): number {
    return this.progress.rangeEnd - this.progress.nextIndex;
  }

  /**
   * Watches `lookAhead` indexes from the next one on, or more where more are watched already, and derives their scripts. `undefined`
   * where that takes a private key which `secrets` lacks: then nothing has changed.
   */
  topUp(lookAhead: number, secrets: SigningMaterial): readonly DerivedScript[] | undefined {
    const end = this.watchedEnd(lookAhead);
    const derived = this.derive(end, secrets);
    if (derived === undefined) return undefined;
    const { rangeStart } = this.progress;
    this.progress = { ...this.progress, rangeStart: this.isRanged ? rangeStart : 0, rangeEnd: end };
    return derived;
  }

  /** Behind the last index that {@link topUp} makes watched. */
  watchedEnd(lookAhead: number): number {
    const { nextIndex, rangeEnd } = this.progress;
    return this.isRanged ? Math.max(nextIndex + lookAhead, rangeEnd) : 1;
  }

  /** Behind the last index whose scripts were derived. */
  get derivedEnd(): number {
    return this.#derivedEnd;
  }

  /** The scripts not derived yet, up to before `end`; as {@link topUp}, whose progress it leaves as it is: a part of that work. */
  derive(end: number, secrets: SigningMaterial): readonly DerivedScript[] | undefined {
    const derived: DerivedScript[] = [];
    for (let index = this.#derivedEnd; index < end; index++) {
      const expansion = this.#expand(index, secrets);
      if (expansion === undefined) return undefined;
      const scripts = expansion.scripts.map((script) => ({ script, descriptorId: this.record.id, index }));
      const hardenedKeys = this.#hardenedKeys.at(index);
      const [first, ...others] = scripts;
      if (first !== undefined) derived.push(hardenedKeys ? { ...first, hardenedKeys } : first, ...others);
    }
    this.#derivedEnd = Math.max(this.#derivedEnd, end);
    return derived;
  }

  /** Scripts at an index, with what spending them takes but for private keys; `undefined` where a private key would be needed. */
  expansionAt(index: number, secrets: SigningMaterial = NO_SECRETS): Expansion | undefined {
    const known = this.#expansions.get(index);
    if (known !== undefined) return known;
    const expansion = this.#expand(index, secrets);
    if (expansion === undefined) return undefined;
    if (this.#expansions.size >= EXPANSIONS_KEPT) this.#expansions.delete(this.#expansions.keys().next().value!);
    this.#expansions.set(index, expansion);
    return expansion;
  }

  /** Adds the private keys at an index that `secrets` holds, or that what it holds gives, to `found`. */
  addPrivateKeysAt(index: number, secrets: SigningMaterial, found: SigningMaterial): void {
    addPrivateKeys(this.descriptor, index, { ...this.#context, secrets }, found);
  }

  #expand(index: number, secrets: SigningMaterial): Expansion | undefined {
    const { secp256k1 } = this.#context;
    return expandDescriptor(this.#expanded, index, { secp256k1, secrets, known: this.#hardenedKeys });
  }
}

function parsed(text: string, context: SourceContext): Descriptor {
  const read = parseDescriptor(text, context);
  if ("error" in read) throw new Error(`A descriptor of the wallet cannot be read (${read.error}): ${text}`);
  return read.descriptors[0];
}
