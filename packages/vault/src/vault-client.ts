import { toBase64, tryFromBase64 } from "./base64.ts";
import { checkChanges } from "./check-input.ts";
import {
  type Collection,
  type OpenVault,
  type RecordValue,
  type Salvaged,
  type Vault,
  type VaultChange,
  VaultError,
  type VaultRecord,
  type VaultState,
} from "./vault.ts";
import { VAULT_PATH, type VaultAnswer, type VaultMethod, type VaultRequests } from "./vault-messages.ts";
import { lockedError, refusedError } from "./vault-sentences.ts";

export interface VaultClientOptions {
  /** "" for the server that the page came from. */
  readonly baseUrl?: string | undefined;
}

export interface VaultClientDependencies {
  /** As `fetch`, with what the process wants of every request. */
  readonly fetch: (address: string, init: RequestInit) => Promise<Response>;
  /** Tells when the page is left; the browser's own window where none is given. */
  readonly page?: Pick<EventTarget, "addEventListener"> | undefined;
}

/**
 * The vault of the desktop's process, from a page in its window. Each client unlocks for itself, and locking ends that: the process
 * forgets the keys when the last one has locked.
 */
export class VaultClient implements Vault {
  readonly #baseUrl: string;
  readonly #fetch: VaultClientDependencies["fetch"];
  #open: OpenClientVault | undefined;

  constructor({ baseUrl = "" }: VaultClientOptions, { fetch, page = ownPage() }: VaultClientDependencies) {
    this.#baseUrl = baseUrl;
    this.#fetch = fetch;
    // Nobody could lock with the handle of a page that is gone, so the process would never forget the keys.
    page?.addEventListener("pagehide", () => void this.#open?.lock().catch(() => {}));
  }

  /** `locked` also where another window has it open. */
  async state(): Promise<VaultState> {
    const state = (await this.#ask("/state", { method: "GET" })) as VaultState;
    if (state.kind !== "open") return state;
    // Where another window has put a backup in its place it is open, and not for this one.
    await this.#open?.get("settings", "-").catch(() => {});
    return { kind: this.#open === undefined ? "locked" : "open" };
  }

  create(passphrase: string): Promise<OpenVault> {
    return this.#opened("create", { passphrase });
  }

  unlock(passphrase: string): Promise<OpenVault> {
    return this.#opened("unlock", { passphrase });
  }

  restore(backup: Uint8Array, backupPassphrase: string, passphrase: string): Promise<OpenVault> {
    return this.#opened("restore", { backup: toBase64(backup), backupPassphrase, passphrase });
  }

  replace(backup: Uint8Array, backupPassphrase: string, passphrase: string): Promise<OpenVault> {
    return this.#opened("replace", { backup: toBase64(backup), backupPassphrase, passphrase });
  }

  async destroy(): Promise<void> {
    await this.call("destroy", {});
    this.#open?.forget();
  }

  async salvage(passphrase: string): Promise<Salvaged> {
    const { backup, lost } = (await this.call("salvage", { passphrase })) as { backup: string; lost?: string };
    return { backup: bytesOf(backup), lost };
  }

  /** Asks the process; rejects with its `VaultError`, or `unreachable`. */
  call<Method extends VaultMethod>(method: Method, body: VaultRequests[Method], isLast = false): Promise<unknown> {
    return this.#ask(`/${method}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      keepalive: isLast,
    });
  }

  async #opened<Method extends "create" | "unlock" | "restore" | "replace">(
    method: Method,
    body: VaultRequests[Method],
  ): Promise<OpenVault> {
    const handle = (await this.call(method, body)) as string;
    // The process forgets the old handle or does not answer; the new one is had all the same.
    await this.#open?.lock().catch(() => {});
    const open = new OpenClientVault(this, handle, () => {
      if (this.#open === open) this.#open = undefined;
    });
    this.#open = open;
    return open;
  }

  async #ask(path: string, init: RequestInit): Promise<unknown> {
    const answer = await this.#answerOf(path, init);
    if (answer.ok) return answer.value;
    throw new VaultError(answer.code, answer.message, { retryAfterMs: answer.retryAfterMs });
  }

  async #answerOf(path: string, init: RequestInit): Promise<VaultAnswer> {
    try {
      const response = await this.#fetch(`${this.#baseUrl}${VAULT_PATH}${path}`, init);
      const answer = (await response.json()) as VaultAnswer;
      if (typeof answer?.ok === "boolean") return answer;
      throw new Error(`it answered with status ${response.status}`);
    } catch (error) {
      const sentence = "The program behind this window does not answer. Close the window and start it again.";
      throw new VaultError("unreachable", sentence, { cause: error });
    }
  }
}

function bytesOf(backup: string): Uint8Array {
  const bytes = tryFromBase64(backup);
  if (bytes === undefined) throw refusedError("The backup did not come whole. Try again.");
  return bytes;
}

function ownPage(): Pick<EventTarget, "addEventListener"> | undefined {
  return typeof window === "undefined" ? undefined : window;
}

class OpenClientVault implements OpenVault {
  readonly #client: VaultClient;
  #handle: string | undefined;
  readonly #locked: () => void;

  constructor(client: VaultClient, handle: string, locked: () => void) {
    this.#client = client;
    this.#handle = handle;
    this.#locked = locked;
  }

  async get(collection: Collection, key: string): Promise<RecordValue | undefined> {
    const [value] = (await this.#call("get", { collection, key })) as readonly RecordValue[];
    return value;
  }

  async list(collection: Collection, prefix = ""): Promise<readonly VaultRecord[]> {
    return (await this.#call("list", { collection, prefix })) as readonly VaultRecord[];
  }

  async write(changes: readonly VaultChange[]): Promise<void> {
    // JSON has no `undefined` and no NaN: what another vault refuses must not be written as something else.
    checkChanges(changes);
    await this.#call("write", { changes });
  }

  async changePassphrase(current: string, next: string): Promise<void> {
    await this.#call("changePassphrase", { current, next });
  }

  async isPassphrase(passphrase: string): Promise<boolean> {
    return (await this.#call("isPassphrase", { passphrase })) as boolean;
  }

  async backup(passphrase: string): Promise<Uint8Array> {
    return bytesOf((await this.#call("backup", { passphrase })) as string);
  }

  async lock(): Promise<void> {
    const handle = this.#handle;
    if (handle === undefined) return;
    this.forget();
    // Also from a page that is being left.
    await this.#client.call("lock", { handle }, true);
  }

  /** As {@link lock}, where the process knows already. */
  forget(): void {
    this.#handle = undefined;
    this.#locked();
  }

  async #call<Method extends VaultMethod>(
    method: Method,
    body: Omit<VaultRequests[Method], "handle">,
  ): Promise<unknown> {
    const handle = this.#handle;
    if (handle === undefined) throw lockedError();
    try {
      return await this.#client.call(method, { handle, ...body } as VaultRequests[Method]);
    } catch (error) {
      if (error instanceof VaultError && error.code === "locked" && this.#handle === handle) this.forget();
      throw error;
    }
  }
}
