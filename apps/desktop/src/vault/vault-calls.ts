import { randomBytes } from "node:crypto";
import { toBase64, tryFromBase64 } from "@bitfleet/vault/base64.ts";
import { type OpenVault, type Vault, VaultError, type VaultState } from "@bitfleet/vault/vault.ts";
import type { VaultAnswer, VaultMethod, VaultRequests } from "@bitfleet/vault/vault-messages.ts";
import { lockedError, refusedError, wrongPassphraseError } from "@bitfleet/vault/vault-sentences.ts";
import { PassphraseGate } from "./passphrase-gate.ts";

/** Windows that have it open; the one that came first loses it then. */
const HANDLES_MAX = 16;
const HANDLE_SIZE = 32;

type Calls = { readonly [Method in VaultMethod]: (body: VaultRequests[Method]) => Promise<unknown> };

/**
 * A vault for the pages of several windows. Each unlocks it with the passphrase and has a handle then; it is locked when the last handle
 * is given back.
 */
export class VaultCalls {
  readonly #vault: Vault;
  readonly #gate: PassphraseGate;
  readonly #handles = new Set<string>();
  #open: OpenVault | undefined;
  readonly #calls: Calls;

  constructor(vault: Vault, clock: { monotonicMs(): number }) {
    this.#vault = vault;
    this.#gate = new PassphraseGate(clock);
    this.#calls = this.#makeCalls();
  }

  state(): Promise<VaultAnswer> {
    return answerOf((): Promise<VaultState> => this.#vault.state());
  }

  /** Never rejects because of what was asked. `undefined` where there is no such method. */
  call(method: string, body: unknown): Promise<VaultAnswer> | undefined {
    if (!Object.hasOwn(this.#calls, method)) return undefined;
    const call = this.#calls[method as VaultMethod] as (body: object) => Promise<unknown>;
    return answerOf(async () => {
      if (typeof body !== "object" || body === null) throw refusedError("A request to the vault is a JSON object.");
      return call(body);
    });
  }

  /** For all windows. */
  async lockAll(): Promise<void> {
    this.#handles.clear();
    const open = this.#open;
    this.#open = undefined;
    await open?.lock();
  }

  #makeCalls(): Calls {
    return {
      create: async ({ passphrase }) => this.#opened(await this.#vault.create(text(passphrase))),
      restore: async ({ backup, backupPassphrase, passphrase }) => {
        const bytes = tryFromBase64(text(backup));
        if (bytes === undefined) throw refusedError("The backup did not come whole. Choose the file again.");
        return this.#opened(await this.#vault.restore(bytes, text(backupPassphrase), text(passphrase)));
      },
      unlock: ({ passphrase }) => this.#gate.check(() => this.#unlock(text(passphrase))),
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

  async #unlock(passphrase: string): Promise<string> {
    const open = this.#open;
    if (open === undefined || (await this.#vault.state()).kind !== "open") {
      return this.#opened(await this.#vault.unlock(passphrase));
    }
    if (await open.isPassphrase(passphrase)) return this.#newHandle();
    throw wrongPassphraseError();
  }

  #opened(open: OpenVault): string {
    this.#open = open;
    this.#handles.clear();
    return this.#newHandle();
  }

  #newHandle(): string {
    const [oldest] = this.#handles;
    if (this.#handles.size >= HANDLES_MAX && oldest !== undefined) this.#handles.delete(oldest);
    const handle = randomBytes(HANDLE_SIZE).toString("hex");
    this.#handles.add(handle);
    return handle;
  }

  #openFor(handle: string): OpenVault {
    if (this.#open === undefined || !this.#handles.has(handle)) throw lockedError();
    return this.#open;
  }
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
