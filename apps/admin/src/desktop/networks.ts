import type { DesktopClient } from "@bitfleet/ui/desktop/desktop-client.ts";
import type { KeyStore } from "@bitfleet/ui/keys/key-store.ts";
import { type OpenVault, type Vault, VaultError } from "@bitfleet/vault/vault.ts";
import { wrongPassphraseError } from "@bitfleet/vault/vault-sentences.ts";
import { KeyMemory } from "./key-memory.ts";
import type { NetworksState, OpenNetworks } from "./networks-state.ts";
import {
  firstShown,
  freeColour,
  freeName,
  isSamePlace,
  PROFILE_PREFIX,
  PROFILES_MAX,
  type Profile,
  type ProfileDraft,
  type ProfileKeys,
  profileRecord,
  readProfile,
} from "./profile.ts";
import { type Records, recordsInMemory, recordsOf } from "./records.ts";

export interface NetworksDependencies {
  readonly vault: Vault;
  readonly client: Pick<DesktopClient, "target" | "namedUrl" | "setTarget">;
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
  #hasOpened = false;
  /** Named while it was locked. */
  #wantedUrl: string | undefined;
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

  /** Whether this page has opened nothing yet. */
  get isFirstLook(): boolean {
    return !this.#hasOpened;
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

  /** The same in the place of what is there, locked or damaged: where it rejects, all is as before. */
  replace(backup: Uint8Array, passphrase: string): Promise<void> {
    return this.#opening(() => this.#deps.vault.replace(backup, passphrase, passphrase));
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
      this.#set({
        ...open,
        profiles,
        ...(isShown && { active: undefined, suggestedUrl: undefined, showing: open.showing + 1 }),
      });
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

  /** Goes to the network at an address that a further call of the program named; one that is not remembered is offered to be added. */
  async goTo(url: string): Promise<void> {
    if (this.#state.kind !== "open") {
      this.#wantedUrl = url;
      return;
    }
    const known = this.#state.profiles.find((one) => one.url === url);
    if (known !== undefined) return this.switchTo(known.id);
    await this.#changing(async (open) => {
      await this.#deps.goToCommonPlace();
      this.#keys.show(undefined);
      this.#set({ ...open, active: undefined, suggestedUrl: url, showing: open.showing + 1 });
      this.#deps.leave();
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
    const namedUrl = this.#wantedUrl ?? (await this.#deps.client.namedUrl());
    this.#wantedUrl = undefined;
    this.#hasOpened = true;
    const suggestedUrl = namedUrl ?? (rows.length === 0 ? await this.#deps.client.target() : undefined);
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
    const first = firstShown(profiles, settings.lastId, namedUrl);
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
    const showing = before.showing + 1;
    this.#set({ ...now, active: profile, isSwitching: false, suggestedUrl: undefined, showing });
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

function readSettings(record: { readonly value: unknown } | undefined): Settings {
  const { lastId, autoLockMinutes } = (record?.value ?? {}) as Readonly<Record<string, unknown>>;
  return {
    lastId: typeof lastId === "string" ? lastId : undefined,
    autoLockMinutes: typeof autoLockMinutes === "number" ? autoLockMinutes : AUTO_LOCK_MINUTES_DEFAULT,
  };
}

const sentence = (error: unknown) => (error instanceof Error ? error.message : "The reason is not known.");
