import { randomBytes } from "node:crypto";
import { toBase64, tryFromBase64 } from "@bitfleet/vault/base64.ts";
import { type OpenVault, type Vault, VaultError, type VaultState } from "@bitfleet/vault/vault.ts";
import type { VaultAnswer, VaultMethod, VaultRequests } from "@bitfleet/vault/vault-messages.ts";
import { lockedError, refusedError, wrongPassphraseError } from "@bitfleet/vault/vault-sentences.ts";
import { PassphraseGate } from "./passphrase-gate.ts";

/** Windows that have it open; the one that came first loses it then. */
const HANDLES_MAX = 16;
const HANDLE_SIZE = 32;

/** The page that asks, where it has a name. */
type Page = string | undefined;

type Calls = { readonly [Method in VaultMethod]: (body: VaultRequests[Method], page: Page) => Promise<unknown> };

/**
 * A vault for the pages of several windows. Each unlocks it with the passphrase and has a handle then; it is locked when the last handle
 * is given back, or taken back from a page that is gone.
 */
export class VaultCalls {
  readonly #vault: Vault;
  readonly #gate: PassphraseGate;
  readonly #handles = new Map<string, Page>();
  readonly #watch: (page: string) => void;
  #open: OpenVault | undefined;
  readonly #calls: Calls;

  /** `watch` is told of a page that has a handle: once that is gone {@link lockPage} is to be called. */
  constructor(vault: Vault, clock: { monotonicMs(): number }, watch: (page: string) => void = () => {}) {
    this.#vault = vault;
    this.#watch = watch;
    this.#gate = new PassphraseGate(clock);
    this.#calls = this.#makeCalls();
  }

  state(): Promise<VaultAnswer> {
    return answerOf((): Promise<VaultState> => this.#vault.state());
  }

  /** Never rejects because of what was asked. `undefined` where there is no such method. */
  call(method: string, body: unknown, page?: string): Promise<VaultAnswer> | undefined {
    if (!Object.hasOwn(this.#calls, method)) return undefined;
    const call = this.#calls[method as VaultMethod] as (body: object, page: Page) => Promise<unknown>;
    return answerOf(async () => {
      if (typeof body !== "object" || body === null) throw refusedError("A request to the vault is a JSON object.");
      return call(body, page);
    });
  }

  /** For all windows. */
  async lockAll(): Promise<void> {
    this.#handles.clear();
    const open = this.#open;
    this.#open = undefined;
    await open?.lock();
  }

  /** For a page that is gone: it cannot do so itself any more. */
  async lockPage(page: string): Promise<void> {
    const isOpen = this.#handles.size > 0;
    for (const [handle, one] of this.#handles) if (one === page) this.#handles.delete(handle);
    if (isOpen && this.#handles.size === 0) await this.lockAll();
  }

  #makeCalls(): Calls {
    return {
      create: async ({ passphrase }, page) => this.#opened(await this.#vault.create(text(passphrase)), page),
      restore: async ({ backup, backupPassphrase, passphrase }, page) =>
        this.#opened(await this.#vault.restore(bytesOf(backup), text(backupPassphrase), text(passphrase)), page),
      replace: async ({ backup, backupPassphrase, passphrase }, page) =>
        this.#opened(await this.#vault.replace(bytesOf(backup), text(backupPassphrase), text(passphrase)), page),
      unlock: ({ passphrase }, page) => this.#gate.check(() => this.#unlock(text(passphrase), page)),
      destroy: async () => {
        await this.#vault.destroy();
        await this.lockAll();
      },
      salvage: ({ passphrase }) =>
        this.#gate.check(async () => {
          const { salvage } = this.#vault;
          if (salvage === undefined) throw refusedError("Nothing can be salvaged here.");
          const { backup, lost } = await salvage.call(this.#vault, text(passphrase));
          return { backup: toBase64(backup), lost };
        }),
      get: async ({ handle, collection, key }) => {
        const value = await this.#openFor(handle).get(collection, key);
        return value === undefined ? [] : [value];
      },
      list: ({ handle, collection, prefix }) => this.#openFor(handle).list(collection, prefix),
      write: ({ handle, changes }) => {
        if (!Array.isArray(changes)) throw refusedError("Changes are a list.");
        return this.#openFor(handle).write(changes);
      },
      changePassphrase: ({ handle, current, next }) => {
        const open = this.#openFor(handle);
        return this.#gate.check(() => open.changePassphrase(text(current), text(next)));
      },
      isPassphrase: ({ handle, passphrase }) => {
        const open = this.#openFor(handle);
        return this.#gate.check(
          () => open.isPassphrase(text(passphrase)),
          (isRight) => !isRight,
        );
      },
      backup: async ({ handle, passphrase }) => toBase64(await this.#openFor(handle).backup(text(passphrase))),
      lock: async ({ handle }) => {
        if (this.#handles.delete(handle) && this.#handles.size === 0) await this.lockAll();
      },
    };
  }

  async #unlock(passphrase: string, page: Page): Promise<string> {
    const open = this.#open;
    if (open === undefined || (await this.#vault.state()).kind !== "open") {
      return this.#opened(await this.#vault.unlock(passphrase), page);
    }
    if (await open.isPassphrase(passphrase)) return this.#newHandle(page);
    throw wrongPassphraseError();
  }

  #opened(open: OpenVault, page: Page): string {
    this.#open = open;
    this.#handles.clear();
    return this.#newHandle(page);
  }

  #newHandle(page: Page): string {
    const [oldest] = this.#handles.keys();
    if (this.#handles.size >= HANDLES_MAX && oldest !== undefined) this.#handles.delete(oldest);
    const handle = randomBytes(HANDLE_SIZE).toString("hex");
    this.#handles.set(handle, page);
    // It may be gone already: checking a passphrase takes a while.
    if (page !== undefined) this.#watch(page);
    return handle;
  }

  #openFor(handle: string): OpenVault {
    if (this.#open === undefined || !this.#handles.has(handle)) throw lockedError();
    return this.#open;
  }
}

function bytesOf(backup: unknown): Uint8Array {
  const bytes = tryFromBase64(text(backup));
  if (bytes === undefined) throw refusedError("The backup did not come whole. Choose the file again.");
  return bytes;
}

function text(value: unknown): string {
  if (typeof value !== "string") throw refusedError("A passphrase is text.");
  return value;
}

async function answerOf(work: () => Promise<unknown>): Promise<VaultAnswer> {
  try {
    return { ok: true, value: (await work()) ?? null };
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    const { code, message, retryAfterMs } = error;
    return { ok: false, code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
}
