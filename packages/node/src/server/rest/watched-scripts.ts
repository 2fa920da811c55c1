import { ApiError } from "@bitfleet/api/errors.ts";
import type { DescriptorUse, WatchBody, WatchedRange } from "@bitfleet/api/rest/watch.ts";
import { holdsSecret } from "@bitfleet/api/secrets.ts";
import { GAP_DEFAULT, WATCH_SCRIPTS_MAX } from "@bitfleet/api/watch-limits.ts";
import type { Network } from "@bitfleet/protocol/consensus/networks.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { HashKey } from "@bitfleet/protocol/primitives/types.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { type Descriptor, descriptorText, isRanged } from "@bitfleet/wallet/descriptors/descriptor.ts";
import { parseDescriptor } from "@bitfleet/wallet/descriptors/descriptor-parser.ts";
import { excessOf } from "@bitfleet/wallet/descriptors/descriptor-work.ts";
import type { AddressBook } from "../../indexes/address-book.ts";
import { scriptKeyOf } from "../../indexes/address-effects.ts";
import type { DerivedScripts } from "./derived-scripts.ts";
import { scriptNamed } from "./script-name.ts";

/** From what a request names to the scripts that it is about. */

/** A script, and where it comes from. */
export interface WatchedScript {
  readonly key: HashKey;
  /** `undefined` where it is named by its hash. */
  readonly script: Uint8Array | undefined;
  /** Its address, or as it was named; `undefined` where it has no address. */
  readonly name: string | undefined;
  /** `undefined` where it is named by address. */
  readonly origin: ScriptOrigin | undefined;
}

export interface ScriptOrigin {
  /** Which descriptor of the request. */
  readonly position: number;
  /** Which of the values of a multipath step. */
  readonly variant: number;
  readonly index: number;
}

export interface WatchedSet {
  /** None twice: a script that is named in several ways counts as the first of them. */
  readonly scripts: readonly WatchedScript[];
  readonly descriptors: readonly DescriptorUse[];
  /** What {@link descriptors} tells of. */
  readonly sources: readonly WatchedDescriptor[];
}

/** A descriptor of the request, one for each value of a multipath step. */
export interface WatchedDescriptor {
  readonly descriptor: Descriptor;
  readonly position: number;
  readonly variant: number;
  readonly range: WatchedRange;
  /** Keys that are derived for each index. */
  readonly keyCount: number;
  /** Keys that are derived on the way to those, once. */
  readonly stepCount: number;
}

export interface WatchDependencies {
  readonly network: Pick<Network, "name" | "addressPrefixes">;
  readonly secp256k1: Secp256k1;
  readonly book: Pick<AddressBook, "balances">;
  readonly derived: DerivedScripts;
}

/** Keys that are derived for a request: a tenth of a millisecond each, or several. */
export const WATCH_KEYS_MAX = 5_000;
/** Indexes that are looked up at a time. */
const INDEXES_AT_ONCE = 20;
const INDEX_MAX = 2 ** 31 - 1;

/** The scripts of a request. Throws `ApiError` with what is wrong with it; in no sentence is more of a descriptor than a name. */
export async function watchedScripts(body: WatchBody, deps: WatchDependencies): Promise<WatchedSet> {
  const { descriptors = [], addresses = [] } = body;
  if (descriptors.length + addresses.length === 0) throw refusal("Name at least one descriptor or address.");
  const search = new ScriptSearch(deps);
  const uses: DescriptorUse[] = [];
  const sources = descriptors.flatMap((range, position) => watchedDescriptors(range, position, deps));
  // Before any is derived.
  for (const { stepCount } of sources) search.countDerived(stepCount);
  for (const source of sources) uses.push(await search.addDescriptor(source));
  for (const address of addresses) search.addNamed(address);
  return { scripts: search.scripts, descriptors: uses, sources };
}

/** What a descriptor of a request says. Throws `ApiError`. */
export function watchedDescriptors(
  range: WatchedRange,
  position: number,
  { network, secp256k1 }: Pick<WatchDependencies, "network" | "secp256k1">,
): readonly WatchedDescriptor[] {
  const text = range.descriptor;
  // Also of one that cannot be read, whose error would show it.
  if (holdsSecret(text)) throw privateKeyRefusal(position);
  const excess = excessOf(text);
  if (excess !== undefined) throw refusal(`Descriptor ${position} cannot be read: ${excess}.`);
  const parsed = parseDescriptor(text, { prefixes: network.addressPrefixes, secp256k1 });
  if ("error" in parsed)
    throw refusal(`Descriptor ${position} cannot be read: ${parsed.error || "it has no known form"}.`);
  if (parsed.secrets.privateKeys.size > 0) throw privateKeyRefusal(position);
  const hasRange = range.from !== undefined || range.to !== undefined;
  if (hasRange && !isRanged(parsed.descriptors[0])) {
    throw refusal(`Descriptor ${position} is not ranged: it takes neither from nor to.`);
  }
  if (range.to !== undefined && range.to < (range.from ?? 0)) {
    throw refusal(`The range of descriptor ${position} ends before it begins.`);
  }
  const counts = keyCountsOf(text);
  return parsed.descriptors.map((descriptor, variant) => ({ descriptor, position, variant, range, ...counts }));
}

/** To bring keys together (BIP327) takes as long as to derive some for each. */
const KEYS_PER_PARTICIPANT = 8;

/** At most, as the text shows: what is one step there may be hundreds of variants, each with keys of its own. */
function keyCountsOf(text: string): Pick<WatchedDescriptor, "keyCount" | "stepCount"> {
  const count = (mark: string) => text.split(mark).length - 1;
  const perKey = text.includes("musig(") ? KEYS_PER_PARTICIPANT : 1;
  return {
    keyCount: Math.max(1, count("*") * perKey),
    stepCount: count("/") + (perKey === 1 ? 0 : count(",") * perKey),
  };
}

const refusal = (sentence: string) => new ApiError(400, sentence);

const privateKeyRefusal = (position: number) =>
  refusal(
    `Descriptor ${position} holds a private key. None is needed here and none is taken: give the public form, as getdescriptorinfo shows it.`,
  );

class ScriptSearch {
  readonly scripts: WatchedScript[] = [];
  readonly #keys = new Set<HashKey>();
  readonly #deps: WatchDependencies;
  #derivedCount = 0;

  constructor(deps: WatchDependencies) {
    this.#deps = deps;
  }

  addNamed(address: string): void {
    if (holdsSecret(address))
      throw refusal("An address of the request is a private key. None is needed here and none is taken.");
    const { name, key, script } = scriptNamed(address, this.#deps.network);
    this.#add({ name, key, script, origin: undefined });
  }

  /** Adds the scripts of the range, or those up to a run of unused ones. */
  async addDescriptor(watched: WatchedDescriptor): Promise<DescriptorUse> {
    const { descriptor, position, variant, range } = watched;
    const ranged = isRanged(descriptor);
    const { from = 0, gap = GAP_DEFAULT } = range;
    let usedCount = 0;
    let lastUsed = from - 1;
    let next = from;
    if (range.to !== undefined) refuseLongRange(range.to + 1 - from, watched.keyCount);
    const end = () => Math.min(INDEX_MAX, ranged ? (range.to ?? lastUsed + gap) : 0);
    while (next <= end()) {
      const last = Math.min(end(), next + INDEXES_AT_ONCE - 1);
      for (const index of await this.#addIndexes(watched, next, last)) {
        usedCount++;
        lastUsed = index;
      }
      next = last + 1;
    }
    return {
      descriptor: descriptorText(descriptor),
      position,
      variant,
      is_ranged: ranged,
      from,
      to: next - 1,
      used_count: usedCount,
      next_index: ranged && lastUsed < INDEX_MAX ? lastUsed + 1 : null,
    };
  }

  /** Adds the scripts at some indexes; those indexes at which one was ever used, the mempool included. */
  async #addIndexes(watched: WatchedDescriptor, first: number, last: number): Promise<readonly number[]> {
    const { descriptor, position, variant, keyCount } = watched;
    this.countDerived(keyCount * (last - first + 1));
    const derived = await this.#deps.derived.at(descriptor, first, last, this.#deps.secp256k1);
    if (derived === undefined) {
      throw refusal(
        `Descriptor ${position} has a hardened step that only its private key can derive: give the key behind that step.`,
      );
    }
    const { addressPrefixes } = this.#deps.network;
    const found = derived.flatMap((scripts, offset) =>
      scripts.map((script): WatchedScript & { readonly origin: ScriptOrigin } => ({
        key: scriptKeyOf(script),
        script,
        name: encodeAddress(script, addressPrefixes),
        origin: { position, variant, index: first + offset },
      })),
    );
    for (const one of found) this.#add(one);
    const balances = await this.#deps.book.balances(found.map(({ key }) => key));
    const isUsed = (at: number) => balances[at]!.transactionCount + balances[at]!.waitingCount > 0;
    return [...new Set(found.flatMap(({ origin }, at) => (isUsed(at) ? [origin.index] : [])))];
  }

  /** Throws `ApiError` where keys become too many. */
  countDerived(keyCount: number): void {
    this.#derivedCount += keyCount;
    if (this.#derivedCount > WATCH_KEYS_MAX) throw tooManyKeys();
  }

  #add(script: WatchedScript): void {
    if (this.#keys.has(script.key)) return;
    if (this.scripts.length >= WATCH_SCRIPTS_MAX) throw tooManyScripts();
    this.#keys.add(script.key);
    this.scripts.push(script);
  }
}

/** Told before anything is derived. */
function refuseLongRange(count: number, keyCount: number): void {
  if (count > WATCH_SCRIPTS_MAX) throw tooManyScripts();
  if (count * keyCount > WATCH_KEYS_MAX) throw tooManyKeys();
}

const tooManyKeys = () => tooMuch(`takes more than ${WATCH_KEYS_MAX} keys`);

const tooManyScripts = () => tooMuch(`stands for more than ${WATCH_SCRIPTS_MAX} scripts`);

const tooMuch = (what: string) =>
  refusal(
    `The request ${what}; ask in several requests, each with its own descriptors or its own part of the range (from, to).`,
  );
