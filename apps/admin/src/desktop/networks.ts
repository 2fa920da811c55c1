import type { DesktopClient } from "@bitfleet/ui/desktop/desktop-client.ts";
import type { KeyStore } from "@bitfleet/ui/keys/key-store.ts";
import { type OpenVault, type Vault, VaultError } from "@bitfleet/vault/vault.ts";
import { wrongPassphraseError } from "@bitfleet/vault/vault-sentences.ts";
import { KeyMemory } from "./key-memory.ts";
import {
  freeColour,
  freeName,
  KEY_ROLES,
  PROFILE_PREFIX,
  PROFILES_MAX,
  type Profile,
  type ProfileDraft,
  type ProfileKeys,
  profileRecord,
  readProfile,
} from "./profile.ts";
import { type Records, recordsInMemory, recordsOf } from "./records.ts";

/** What of the desktop is on screen. */
export type NetworksState =
  | { readonly kind: "starting" }
  /** No vault on this device yet. */
  | { readonly kind: "absent" }
  | { readonly kind: "locked" }
  | { readonly kind: "damaged"; readonly problem: string }
  /** The program behind the window does not answer. */
  | { readonly kind: "unreachable"; readonly problem: string }
  | OpenNetworks;

export interface OpenNetworks {
  readonly kind: "open";
  /** Whether they are kept beyond this run. */
  readonly isRemembered: boolean;
  /** In the reader's order. */
  readonly profiles: readonly Profile[];
  /** The one that the window shows; none before the first, and while one goes to another. */
  readonly active: Profile | undefined;
  /** Another number whenever what is shown begins anew. */
  readonly showing: number;
  readonly isSwitching: boolean;
  /** Why the last switch failed. */
  readonly problem: string | undefined;
  /** 0 for never. */
  readonly autoLockMinutes: number;
  /** Where the program was told to look for a network. */
  readonly suggestedUrl: string | undefined;
}

export interface NetworksDependencies {
  readonly vault: Vault;
  readonly client: Pick<DesktopClient, "target" | "setTarget">;
  readonly newId: () => string;
  /** Before one network is left for another: the page goes where it means something on both. */
  readonly goToCommonPlace: () => Promise<void>;
  /** Nothing of the network that was shown may stay. */
  readonly leave: () => void;
  /** A key could not be written into the profile. */
  readonly onProblem: (error: unknown) => void;
  /** The process leads elsewhere: other tabs of this window must know. */
  readonly onSwitched?: () => void;
}

const SETTINGS_KEY = "admin";
/** Where the program looks for a network that nobody named. */
const TARGET_URL_DEFAULT = "http://127.0.0.1:8080";
export const AUTO_LOCK_MINUTES_DEFAULT = 30;

interface Settings {
  readonly lastId: string | undefined;
  readonly autoLockMinutes: number;
}

/** The networks that this desktop remembers, and the one that its window shows. */
export class Networks {
  readonly #deps: NetworksDependencies;
  readonly #keys: KeyMemory;
  readonly #listeners = new Set<() => void>();
  #state: NetworksState = { kind: "starting" };
  #vault: OpenVault | undefined;
  #records: Records = recordsInMemory();
  #lastId: string | undefined;
  /** One change after the other. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(deps: NetworksDependencies) {
    this.#deps = deps;
    this.#keys = new KeyMemory((keys) => this.#keepKeys(keys));
  }

  get state(): NetworksState {
    return this.#state;
  }

  /** The keys of the network that is shown. */
  get keys(): KeyStore {
    return this.#keys;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Looks how the vault is. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      try {
        const state = await this.#deps.vault.state();
        this.#set(state.kind === "open" ? { kind: "locked" } : state);
      } catch (error) {
        this.#set({ kind: "unreachable", problem: sentence(error) });
      }
    });
  }

  create(passphrase: string): Promise<void> {
    return this.#opening(() => this.#deps.vault.create(passphrase));
  }

  unlock(passphrase: string): Promise<void> {
    return this.#opening(() => this.#deps.vault.unlock(passphrase));
  }

  /** Nothing is remembered beyond this run. */
  goWithout(): Promise<void> {
    return this.#inTurn(() => this.#begin(recordsInMemory(), undefined));
  }

  /** Removes the vault with everything in it, of the wallet app too. */
  destroy(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#deps.vault.destroy();
      this.#forget({ kind: "absent" });
    });
  }

  /** Forgets keys and networks until the passphrase is given again: at once, whatever else is under way. */
  async lock(): Promise<void> {
    const vault = this.#vault;
    if (this.#state.kind !== "open" || vault === undefined) return;
    this.#forget({ kind: "locked" });
    // Whatever comes of it: this window has forgotten.
    await vault.lock().catch(() => undefined);
  }

  /** The program behind the window has ended: what it led to is out of reach, and so is the vault. */
  lose(problem: string): void {
    this.#forget({ kind: "unreachable", problem });
  }

  /** Looks whether somebody else has locked it: the wallet's window, say. */
  async lookAgain(): Promise<void> {
    if (this.#state.kind !== "open" || this.#vault === undefined) return;
    const state = await this.#deps.vault.state().catch(() => undefined);
    if (state !== undefined && state.kind !== "open") await this.#inTurn(async () => this.#forget(state));
  }

  /** Everything as one file, encrypted by the passphrase of this device; rejects where it is another. */
  async backup(passphrase: string): Promise<Uint8Array> {
    const vault = this.#vault;
    if (vault === undefined) throw lockedMeanwhile();
    if (!(await vault.isPassphrase(passphrase))) throw wrongPassphraseError();
    return vault.backup(passphrase);
  }

  /** Takes everything from a backup, where there is no vault yet. It opens with the backup's passphrase from then on. */
  restore(backup: Uint8Array, passphrase: string): Promise<void> {
    return this.#opening(() => this.#deps.vault.restore(backup, passphrase, passphrase));
  }

  changePassphrase(current: string, next: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#vault?.changePassphrase(current, next);
    });
  }

  setAutoLock(minutes: number): Promise<void> {
    return this.#changing(async (open) => {
      await this.#writeSettings({ lastId: this.#lastId, autoLockMinutes: minutes });
      this.#set({ ...open, autoLockMinutes: minutes });
    });
  }

  /** Adds one, or changes the one with the id; the one that is shown begins anew where its address or its keys are others. */
  async save(draft: ProfileDraft & { readonly id?: string | undefined }): Promise<Profile> {
    let saved: Profile | undefined;
    await this.#changing(async (open) => {
      const before = open.profiles.find(({ id }) => id === draft.id);
      const profile: Profile = { ...draft, id: before?.id ?? this.#deps.newId() };
      saved = profile;
      const profiles =
        before === undefined
          ? [...open.profiles, profile]
          : open.profiles.map((one) => (one === before ? profile : one));
      if (profiles.length > PROFILES_MAX) throw new Error(`No more than ${PROFILES_MAX} networks are remembered.`);
      await this.#writeProfiles(open.profiles, profiles);
      const isShown = open.active?.id === profile.id;
      if (before !== undefined && isSamePlace(before, profile)) {
        if (isShown) this.#keys.show(profile);
        this.#set({ ...open, profiles, ...(isShown && { active: profile }) });
        return;
      }
      this.#keys.forget(profile.id);
      this.#set({ ...open, profiles });
      if (isShown) await this.#show(profile);
    });
    return saved!;
  }

  /** Adds those of a file; how many were new. */
  async import(drafts: readonly ProfileDraft[]): Promise<number> {
    let added = 0;
    await this.#changing(async (open) => {
      const profiles = [...open.profiles];
      for (const draft of drafts) {
        if (profiles.some(({ name, url }) => name === draft.name && url === draft.url)) continue;
        profiles.push({ ...draft, id: this.#deps.newId(), name: freeName(draft.name, profiles) });
        added++;
      }
      if (profiles.length > PROFILES_MAX) throw new Error(`No more than ${PROFILES_MAX} networks are remembered.`);
      await this.#writeProfiles(open.profiles, profiles);
      this.#set({ ...open, profiles });
    });
    return added;
  }

  /** A copy, keys and all, beside it. */
  duplicate(id: string): Promise<void> {
    return this.#changing(async (open) => {
      const index = open.profiles.findIndex((one) => one.id === id);
      const original = open.profiles[index];
      if (original === undefined) return;
      if (open.profiles.length >= PROFILES_MAX)
        throw new Error(`No more than ${PROFILES_MAX} networks are remembered.`);
      const name = freeName(original.name, open.profiles);
      const copy = { ...original, id: this.#deps.newId(), name, colour: freeColour(open.profiles) };
      const profiles = open.profiles.toSpliced(index + 1, 0, copy);
      await this.#writeProfiles(open.profiles, profiles);
      this.#set({ ...open, profiles });
    });
  }

  remove(id: string): Promise<void> {
    return this.#changing(async (open) => {
      const profiles = open.profiles.filter((one) => one.id !== id);
      await this.#writeProfiles(open.profiles, profiles);
      this.#keys.forget(id);
      const isShown = open.active?.id === id;
      if (isShown) {
        await this.#deps.goToCommonPlace();
        this.#keys.show(undefined);
        this.#lastId = undefined;
      }
      this.#set({ ...open, profiles, ...(isShown && { active: undefined, showing: open.showing + 1 }) });
      if (isShown) this.#deps.leave();
    });
  }

  /** `by` places down the list, or up where it is negative. */
  move(id: string, by: number): Promise<void> {
    return this.#changing(async (open) => {
      const from = open.profiles.findIndex((one) => one.id === id);
      const to = from + by;
      const profile = open.profiles[from];
      if (profile === undefined || to < 0 || to >= open.profiles.length) return;
      const profiles = open.profiles.toSpliced(from, 1).toSpliced(to, 0, profile);
      await this.#writeProfiles(open.profiles, profiles);
      this.#set({ ...open, profiles });
    });
  }

  /** The window shows this network from now on, and nothing of the one before. */
  switchTo(id: string): Promise<void> {
    return this.#changing(async (open) => {
      const profile = open.profiles.find((one) => one.id === id);
      if (profile === undefined || profile.id === open.active?.id) return;
      if (this.#lastId !== profile.id) await this.#deps.goToCommonPlace();
      await this.#show(profile);
      this.#deps.onSwitched?.();
    });
  }

  /** Shows the same network with nothing that was known of it. */
  readonly showAnew = (): void => {
    const open = this.#state;
    if (open.kind !== "open") return;
    this.#set({ ...open, showing: open.showing + 1 });
    this.#deps.leave();
  };

  async #opening(open: () => Promise<OpenVault>): Promise<void> {
    await this.#inTurn(async () => {
      const vault = await open();
      await this.#begin(recordsOf(vault), vault);
    });
  }

  async #begin(records: Records, vault: OpenVault | undefined): Promise<void> {
    const rows = await records.list("networks", PROFILE_PREFIX);
    const settings = readSettings(
      (await records.list("settings", SETTINGS_KEY)).find(({ key }) => key === SETTINGS_KEY),
    );
    const suggestedUrl = await this.#deps.client.target();
    this.#records = records;
    this.#vault = vault;
    this.#keys.keeps = vault === undefined ? "nothing" : "profile";
    const read = rows.map(({ key, value }) => readProfile(key, value)).filter((row) => row !== undefined);
    const profiles = read.sort((a, b) => a.order - b.order).map(({ profile }) => profile);
    this.#set({
      kind: "open",
      isRemembered: vault !== undefined,
      profiles,
      active: undefined,
      showing: 0,
      isSwitching: false,
      problem: undefined,
      autoLockMinutes: settings.autoLockMinutes,
      suggestedUrl,
    });
    this.#lastId = settings.lastId;
    const first = firstShown(profiles, settings.lastId, suggestedUrl);
    if (first !== undefined) await this.#show(first);
  }

  /** Order matters: what shows the old network is gone before the process leads to the new one. */
  async #show(profile: Profile): Promise<void> {
    const before = this.#open();
    this.#keys.show(undefined);
    this.#set({ ...before, active: undefined, isSwitching: true, problem: undefined });
    this.#deps.leave();
    try {
      await this.#deps.client.setTarget(profile.url);
    } catch (error) {
      this.#set({ ...this.#open(), isSwitching: false, problem: sentence(error) });
      return;
    }
    const now = this.#open();
    this.#keys.show(profile);
    this.#set({ ...now, active: profile, isSwitching: false, showing: before.showing + 1 });
    if (this.#lastId === profile.id) return;
    this.#lastId = profile.id;
    await this.#writeSettings({ lastId: profile.id, autoLockMinutes: before.autoLockMinutes });
  }

  /** Leaves everything behind. */
  #forget(next: NetworksState): void {
    this.#vault = undefined;
    this.#records = recordsInMemory();
    this.#keys.show(undefined);
    this.#keys.forget();
    this.#set(next);
    this.#deps.leave();
  }

  #keepKeys(keys: ProfileKeys): void {
    const active = this.#state.kind === "open" ? this.#state.active : undefined;
    if (active === undefined) return;
    this.#changing(async (open) => {
      const profiles = open.profiles.map((one) => (one.id === active.id ? { ...one, keys } : one));
      await this.#writeProfiles(open.profiles, profiles);
      const isShown = open.active?.id === active.id;
      this.#set({ ...open, profiles, ...(isShown && { active: { ...open.active!, keys } }) });
    }).catch((error: unknown) => this.#deps.onProblem(error));
  }

  /** Writes what is another one now, or in another place. */
  async #writeProfiles(before: readonly Profile[], after: readonly Profile[]): Promise<void> {
    const gone = before.filter(({ id }) => !after.some((one) => one.id === id));
    const changed = after
      .map((profile, order) => ({ profile, order }))
      .filter(({ profile, order }) => before[order] !== profile);
    await this.#records.write([
      ...gone.map(({ id }) => ({ collection: "networks" as const, key: PROFILE_PREFIX + id })),
      ...changed.map(({ profile, order }) => ({
        collection: "networks" as const,
        key: PROFILE_PREFIX + profile.id,
        value: profileRecord(profile, order),
      })),
    ]);
  }

  async #writeSettings({ lastId, autoLockMinutes }: Settings): Promise<void> {
    const value = { lastId: lastId ?? null, autoLockMinutes };
    await this.#records.write([{ collection: "settings", key: SETTINGS_KEY, value }]);
  }

  #open(): OpenNetworks {
    if (this.#state.kind !== "open") throw lockedMeanwhile();
    return this.#state;
  }

  /** Does it in turn; where the vault was locked by somebody else, so is this window. */
  #changing(change: (open: OpenNetworks) => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      try {
        await change(this.#open());
      } catch (error) {
        if (error instanceof VaultError && error.code === "locked" && this.#state.kind === "open") {
          this.#forget({ kind: "locked" });
        }
        throw error;
      }
    });
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(action);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  #set(state: NetworksState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}

const lockedMeanwhile = () => new VaultError("locked", "It was locked meanwhile. Unlock it and do it again.");

/** Whether what is shown of both is the same. */
function isSamePlace(a: Profile, b: Profile): boolean {
  return a.url === b.url && KEY_ROLES.every((role) => a.keys[role] === b.keys[role]);
}

/** The last one; where the program was told to look elsewhere, the one that is there. None where that is still to be added. */
function firstShown(profiles: readonly Profile[], lastId: string | undefined, url: string | undefined) {
  const last = profiles.find(({ id }) => id === lastId) ?? profiles[0];
  if (url === undefined || url === TARGET_URL_DEFAULT || last?.url === url) return last;
  return profiles.find((one) => one.url === url);
}

function readSettings(record: { readonly value: unknown } | undefined): Settings {
  const { lastId, autoLockMinutes } = (record?.value ?? {}) as Readonly<Record<string, unknown>>;
  return {
    lastId: typeof lastId === "string" ? lastId : undefined,
    autoLockMinutes: typeof autoLockMinutes === "number" ? autoLockMinutes : AUTO_LOCK_MINUTES_DEFAULT,
  };
}

const sentence = (error: unknown) => (error instanceof Error ? error.message : "The reason is not known.");
