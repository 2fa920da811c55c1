import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { toBase64, tryFromBase64 } from "@bitfleet/vault/base64.ts";
import { BrowserStore } from "@bitfleet/vault/browser-store.ts";
import { BrowserVault, type BrowserVaultOptions, isKeptByBrowser } from "@bitfleet/vault/browser-vault.ts";
import type { OpenVault, RecordValue, VaultChange } from "@bitfleet/vault/vault.ts";
import { VAULT_TESTS } from "@bitfleet/vault/vault-conformance.ts";
import { BrowserPlace } from "./browser-place.ts";

/** A guess that costs next to nothing. */
const CHEAP_COST = { n: 16, r: 1, p: 1 } as const;

let vault: BrowserVault | undefined;
let open: OpenVault | undefined;

/** What tests call in the page. What fails is thrown as "code: message". */
const vaultPage = {
  /** Runs the rule of that name on a place of its own. */
  async conforms(name: string): Promise<void> {
    const place = new BrowserPlace(`conformance-${crypto.randomUUID()}`, { cost: CHEAP_COST });
    try {
      await VAULT_TESTS.find((test) => test.name === name)!.run(place);
    } finally {
      await place.remove();
    }
  },

  /** Takes the vault of the page: the app's own, with passphrases that cost nothing unless it is told otherwise. */
  use(options: BrowserVaultOptions & { readonly isCostly?: boolean } = {}): void {
    const { isCostly, ...rest } = options;
    vault = new BrowserVault(isCostly ? rest : { cost: CHEAP_COST, ...rest });
  },

  isKept: isKeptByBrowser,
  state: () => told(vault!.state()),
  create: (passphrase: string) => told(keep(vault!.create(passphrase))),
  unlock: (passphrase: string) => told(keep(vault!.unlock(passphrase))),
  lock: () => told(open!.lock()),
  destroy: () => told(vault!.destroy()),
  changePassphrase: (current: string, next: string) => told(open!.changePassphrase(current, next)),
  write: (changes: readonly VaultChange[]) => told(open!.write(changes)),
  keys: async (collection: VaultChange["collection"]) => (await told(open!.list(collection))).map(({ key }) => key),
  get: (collection: VaultChange["collection"], key: string): Promise<RecordValue | undefined> =>
    told(open!.get(collection, key)),
  /** In base64, as numbers one by one take long on their way. */
  backup: async (passphrase: string) => toBase64(await told(open!.backup(passphrase))),
  restore: (backup: string, passphrase: string, next: string) =>
    told(keep(vault!.restore(tryFromBase64(backup)!, passphrase, next))),
  replace: (backup: string, passphrase: string, next: string) =>
    told(keep(vault!.replace(tryFromBase64(backup)!, passphrase, next))),

  /** All that is stored of a vault that is not open, in hex. */
  async dump(name: string): Promise<VaultDump> {
    const store = await BrowserStore.open(name);
    const key = toHex((await store.single("key"))!);
    const { tally, rows } = await store.everything();
    store.close();
    return { key, tally: toHex(tally!), rows: rows.map(({ id, sealed }) => [toHex(id), toHex(sealed)]) };
  },

  async load(name: string, { key, tally, rows }: VaultDump): Promise<void> {
    const store = await BrowserStore.open(name);
    await store.write({
      singles: { key: fromHex(key), tally: fromHex(tally) },
      rows: rows.map(([id, sealed]) => ({ id: fromHex(id), sealed: fromHex(sealed) })),
      expected: { key: undefined },
    });
    store.close();
  },

  /** Writes as many records of a length in one step. */
  writeMany(count: number, length: number): Promise<void> {
    const value = "x".repeat(length);
    const changes = Array.from(
      { length: count },
      (_, index) => ({ collection: "transactions", key: `${index}`, value }) as const,
    );
    return told(open!.write(changes));
  },

  /** Writes record after record, two in one step, until it is stopped; tells of each that is done by the console. */
  async writeOn(): Promise<void> {
    for (let index = 0; ; index++) {
      const pair = [0, 1].map(
        (half) => ({ collection: "labels", key: `${index}.${half}`, value: "x".repeat(500) }) as const,
      );
      await open!.write(pair);
      console.info(`written ${index}`);
    }
  },

  /** Changes the passphrase on and on between two, telling before and after each. */
  async changeOn(first: string, second: string): Promise<void> {
    for (let now = first, next = second; ; [now, next] = [next, now]) {
      await open!.changePassphrase(now, next);
      console.info(`passphrase ${next}`);
    }
  },

  /** Puts two backups in the place of one another on and on, each opening with its own passphrase, telling of each that is done. */
  async replaceOn(files: readonly string[], passphrases: readonly string[]): Promise<void> {
    const backups = files.map((file) => tryFromBase64(file)!);
    for (let index = 0; ; index = 1 - index) {
      await keep(vault!.replace(backups[index]!, passphrases[index]!, passphrases[index]!));
      console.info(`replaced ${index}`);
    }
  },

  /** Writes as many transactions of a length, locks, and unlocks: how long each took, in milliseconds. */
  async measure(count: number, length: number): Promise<Record<string, number>> {
    const passphrase = "a passphrase to measure";
    await keep(vault!.create(passphrase));
    const changes = Array.from({ length: count }, (_, index) => {
      const bytes = crypto.getRandomValues(new Uint8Array(length / 2));
      const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
      return { collection: "transactions", key: `account:${index}`, value: { hex, height: index } } as const;
    });
    const write = await timed(() => open!.write(changes));
    const one = await timed(() => open!.write(changes.slice(0, 1)));
    await open!.lock();
    const unlock = await timed(() => keep(vault!.unlock(passphrase)));
    const list = await timed(() => open!.list("transactions"));
    let backup = new Uint8Array(0);
    const write2 = await timed(async () => {
      backup = (await open!.backup(passphrase)) as typeof backup;
    });
    return { write, one, unlock, list, backup: write2, backupBytes: backup.length };
  },
};

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return Math.round(performance.now() - startedMs);
}

async function keep(opening: Promise<OpenVault>): Promise<void> {
  open = await opening;
}

/** Errors reach the test as text only. */
async function told<Answer>(work: Promise<Answer>): Promise<Answer> {
  try {
    return await work;
  } catch (error) {
    throw new Error(`${(error as { code?: string }).code}: ${(error as Error).message}`);
  }
}

export interface VaultDump {
  readonly key: string;
  readonly tally: string;
  readonly rows: readonly (readonly [id: string, sealed: string])[];
}

type VaultPage = typeof vaultPage;

declare global {
  interface Window {
    vaultPage: VaultPage;
  }
}

window.vaultPage = vaultPage;
