import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll } from "vitest";
import type { Account, HistoryEntry, Prepared, PreparedPayment } from "../../apps/wallet/src/session/account.ts";
import { createSession } from "../../apps/wallet/src/session/create-session.ts";
import { PageTurns } from "../../apps/wallet/src/session/page-turns.ts";
import type { OpenState, Session } from "../../apps/wallet/src/session/session.ts";
import type { BitfleetNetwork } from "../../packages/node/src/network/network-api.ts";
import { startNetwork } from "../../packages/node/src/network/start-network.ts";
import { nobleSecp256k1 } from "../../packages/protocol/src/crypto/noble-secp256k1.ts";
import { MemoryPlace, MemoryVault } from "../../packages/vault/src/memory-vault.ts";
import type { OpenVault, Vault } from "../../packages/vault/src/vault.ts";

/** The wallet app without its screens: a session in this process, as a page has it, on a vault in memory. */

export const PASSPHRASE = "correct horse battery";

const WAIT_MAX_MS = 60_000;
const POLL_MS = 50;

/** Looks again as long as `look` throws; rejects with what it threw last. */
export async function until<Found>(look: () => Found): Promise<Found> {
  const deadline = performance.now() + WAIT_MAX_MS;
  for (;;) {
    try {
      return look();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

export interface TestSession {
  readonly session: Session;
  readonly place: MemoryPlace;
  readonly account: () => Account;
  readonly open: () => OpenState;
}

export interface TestSessionOptions {
  readonly place?: MemoryPlace;
  readonly fetch?: typeof fetch;
  readonly nowMs?: () => number;
  /** Throws where the vault has no space to write. */
  readonly beforeWrite?: () => void;
  /** Called in each turn that others have of long work, which is one behind each step. */
  readonly onTurn?: () => void;
  /** What stands between session and vault, in place of `beforeWrite`. */
  readonly guard?: (open: OpenVault) => OpenVault;
}

/** A vault that may be out of space. */
const spaceGuard =
  (beforeWrite: () => void) =>
  (open: OpenVault): OpenVault => ({
    ...passedOn(open),
    write: async (changes) => {
      beforeWrite();
      await open.write(changes);
    },
  });

/** All that an open vault does, as an object that can be spread. */
export function passedOn(open: OpenVault): OpenVault {
  return {
    get: (collection, key) => open.get(collection, key),
    list: (collection, prefix) => open.list(collection, prefix),
    write: (changes) => open.write(changes),
    changePassphrase: (current, next) => open.changePassphrase(current, next),
    isPassphrase: (passphrase) => open.isPassphrase(passphrase),
    backup: (passphrase) => open.backup(passphrase),
    lock: () => open.lock(),
  };
}

function guarded(vault: MemoryVault, guard: (open: OpenVault) => OpenVault): Vault {
  return {
    state: () => vault.state(),
    create: async (passphrase) => guard(await vault.create(passphrase)),
    unlock: async (passphrase) => guard(await vault.unlock(passphrase)),
    restore: async (backup, its, passphrase) => guard(await vault.restore(backup, its, passphrase)),
    replace: async (backup, its, passphrase) => guard(await vault.replace(backup, its, passphrase)),
    destroy: () => vault.destroy(),
  };
}

export function testSession(options: TestSessionOptions = {}): TestSession {
  const { place = new MemoryPlace(), fetch: send = fetch, nowMs = () => Date.now(), beforeWrite, onTurn } = options;
  const memory = new MemoryVault({}, place);
  const guard = options.guard ?? (beforeWrite && spaceGuard(beforeWrite));
  const vault = guard === undefined ? memory : guarded(memory, guard);
  const session = createSession({
    vault,
    fetch: send,
    WebSocket: null,
    random: Math.random,
    leadTo: async () => {},
    secp256k1: nobleSecp256k1,
    nowMs,
    randomBytes: (size) => Uint8Array.from(randomBytes(size)),
    turns: onTurn === undefined ? new PageTurns() : { isDue: () => true, give: async () => onTurn() },
  });
  const open = () => {
    const { state } = session;
    if (state.kind !== "open") throw new Error(`the session is ${state.kind}`);
    return state;
  };
  const account = () => {
    const { account: active } = open();
    if (active === undefined) throw new Error("there is no account");
    return active;
  };
  return { session, place, open, account };
}

export interface NewWallet {
  readonly url: string;
  readonly phrase?: string;
  readonly scans?: boolean;
  readonly gapLimit?: number;
  readonly place?: MemoryPlace;
  readonly fetch?: typeof fetch;
  readonly nowMs?: () => number;
  readonly beforeWrite?: () => void;
  readonly guard?: (open: OpenVault) => OpenVault;
  readonly onTurn?: () => void;
}

/** A session with a vault, a network and a wallet of a phrase, which follows its network. */
export async function walletSession({
  url,
  phrase,
  scans = false,
  gapLimit,
  ...options
}: NewWallet): Promise<TestSession> {
  const made = testSession(options);
  await made.session.create(PASSPHRASE);
  const network = await made.session.saveNetwork({ url, name: "Here" });
  const words = phrase ?? made.session.newPhrase(12);
  await made.session.addPhraseWallet({
    name: "Savings",
    networkId: network.id,
    phrase: words,
    phrasePassphrase: "",
    scans,
    gapLimit,
  });
  await isLive(made);
  return made;
}

export async function isLive({ open }: Pick<TestSession, "open">): Promise<void> {
  await until(() => {
    const { connection } = open();
    if (connection.kind !== "live") throw new Error(`the connection is ${JSON.stringify(connection)}`);
  });
}

/** Waits until a transaction stands as it should. */
export async function standing(
  { account }: TestSession,
  txid: string,
  wanted: HistoryEntry["standing"],
  confirmations?: number,
): Promise<HistoryEntry> {
  return until(() => {
    const entry = account()
      .history()
      .find((one) => one.txid === txid);
    const isSo = entry?.standing === wanted && (confirmations === undefined || entry.confirmations === confirmations);
    if (!isSo) throw new Error(`${txid} stands at ${entry?.standing} with ${entry?.confirmations}, not ${wanted}`);
    return entry;
  });
}

/** What was prepared, or what was wrong with it. */
export function ready(prepared: Prepared): PreparedPayment {
  if ("error" in prepared) throw new Error(prepared.error);
  return prepared;
}

export interface Payment {
  readonly amount?: bigint | "all";
  readonly feerate?: bigint;
}

/** Pays an address and waits until the payment is in the mempool. */
export async function pay(from: TestSession, address: string, { amount = 1_000_000n, feerate = 2_000n }: Payment = {}) {
  const recipients = [{ address, amount, label: "" }];
  const prepared = ready(await from.account().preparePayment({ recipients, feerateSatPerKvb: feerate }));
  const txid = await from.account().confirm(prepared);
  await standing(from, txid, "pending");
  return { txid, prepared };
}

/** Blocks at the start of a test's network: the first coins can be spent. */
const FIRST_BLOCKS = 101;
const START_TIMEOUT_MS = 120_000;

export interface WalletNetwork {
  /** Locks a session behind the test. */
  kept(made: TestSession): TestSession;
  /** A session with a wallet of a phrase that follows the network, locked behind the test. */
  wallet(options?: Partial<NewWallet>): Promise<TestSession>;
}

/**
 * A network for the tests of a file: `take` is given it when it has coins, and it ends behind the last test. `beforeLock` is asked of each session
 * that is still open behind a test.
 */
export function walletNetwork(
  take: (started: { readonly network: BitfleetNetwork; readonly url: string }) => void,
  beforeLock: (made: TestSession) => Promise<void> = async () => {},
): WalletNetwork {
  let network: BitfleetNetwork | undefined;
  let url = "";
  const sessions: TestSession[] = [];
  const kept = (made: TestSession) => {
    sessions.push(made);
    return made;
  };
  beforeAll(async () => {
    network = await startNetwork();
    url = network.nodes[0]!.webUrl!;
    await network.mine(FIRST_BLOCKS);
    take({ network, url });
  }, START_TIMEOUT_MS);
  afterEach(async () => {
    const open = sessions.splice(0);
    try {
      for (const made of open) if (made.session.state.kind === "open") await beforeLock(made);
    } finally {
      for (const { session } of open) session.lock();
    }
  });
  afterAll(async () => {
    await network?.stop();
  });
  return { kept, wallet: async (options = {}) => kept(await walletSession({ url, ...options })) };
}
