import { nobleSecp256k1 } from "@bitfleet/protocol/crypto/noble-secp256k1.ts";
import { MemoryVault } from "@bitfleet/vault/memory-vault.ts";
import { deriveKey } from "@bitfleet/vault/passphrase-key.ts";
import type { RecordText } from "@bitfleet/vault/record-tables.ts";
import { VaultError } from "@bitfleet/vault/vault.ts";
import { readBackup, writeBackup } from "@bitfleet/vault/vault-backup.ts";
import { beforeAll, describe, expect, test } from "vitest";
import { createSession } from "../../apps/wallet/src/session/create-session.ts";
import { PageTurns } from "../../apps/wallet/src/session/page-turns.ts";
import type { Session } from "../../apps/wallet/src/session/session.ts";

/** Backups whose records are valid JSON and not what this program writes: refused in a sentence before anything is touched, or shown. */
const PASSPHRASE = "correct horse battery";
const OWN = "the device's own passphrase";
const COST = { n: 16, r: 1, p: 1 } as const;
const PHRASE = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

const ODD_VALUES = [
  null,
  true,
  -1,
  1e9,
  2 ** 40,
  1e300,
  2 ** 53,
  "",
  "x",
  "\u202e",
  "-99999999999999999999",
  [],
  {},
  [[]],
  { a: 1 },
];

function offlineSession(vault = new MemoryVault({ cost: COST })): Session {
  return createSession({
    vault,
    fetch: () => Promise.reject(new TypeError("offline")),
    WebSocket: null,
    random: Math.random,
    leadTo: async () => {},
    secp256k1: nobleSecp256k1,
    nowMs: () => Date.now(),
    randomBytes: (size) => crypto.getRandomValues(new Uint8Array(size)),
    turns: new PageTurns(),
  });
}

/** All that screens ask of an open session. */
function lookAtAll(session: Session): void {
  const { state } = session;
  if (state.kind !== "open") throw new Error(`it is ${state.kind}`);
  const { account } = state;
  if (account === undefined) return;
  for (const { txid } of account.history()) account.transaction(txid);
  account.coins();
  account.addresses();
  account.freshAddress(state.settings.addressType);
  account.historyCsv();
  account.descriptors();
}

describe("a backup with odd records", () => {
  let records: readonly RecordText[];

  beforeAll(async () => {
    // A network that was known, a wallet with a label and a contact, as the app writes them.
    const vault = new MemoryVault({ cost: COST });
    const open = await vault.create(PASSPHRASE);
    const network = { name: "Here", url: "http://127.0.0.1:9", apiKey: "", chain: "regtest", firstBlock: null };
    await open.write([{ collection: "networks", key: "network:n1", value: network }]);
    await open.lock();
    const session = offlineSession(vault);
    await session.unlock(PASSPHRASE);
    await session.addPhraseWallet({
      name: "Mine",
      networkId: "n1",
      phrase: PHRASE,
      phrasePassphrase: "",
      scans: false,
    });
    const { account } = session.state as {
      account: NonNullable<Extract<Session["state"], { kind: "open" }>["account"]>;
    };
    const { address } = account.freshAddress("bech32m");
    await account.labelAddress(address, "rent");
    await session.saveContact({ name: "Anna", address, note: "" });
    records = (await readBackup(await session.backup(PASSPHRASE), PASSPHRASE, { deriveKey })).records;
    session.lock();
  });

  const backupOf = (some: readonly RecordText[], schema = 1) =>
    writeBackup({ schema, madeAt: new Date(), records: some }, PASSPHRASE, COST, { deriveKey });

  /** Puts it in the place of an empty vault. Answers the sentence that refuses it, or `undefined` where it is there and can be shown. */
  async function outcomeOf(backup: Uint8Array): Promise<string | undefined> {
    const vault = new MemoryVault({ cost: COST });
    const session = offlineSession(vault);
    await session.create(OWN);
    const before = session.state;
    try {
      await session.replaceBackup(backup, PASSPHRASE, PASSPHRASE);
      lookAtAll(session);
      return undefined;
    } catch (error) {
      if (session.state !== before) throw error;
      expect(await session.isPassphrase(OWN)).toBe(true);
      return (error as Error).message;
    } finally {
      session.lock();
    }
  }

  const refusal = /^The backup opens, but a record in it.* is not what this program writes\. Nothing was changed\. /;

  test("as it was written it is restored and shown, with what is in it told before", async () => {
    const backup = await backupOf(records);
    expect(await offlineSession().readBackup(backup, PASSPHRASE)).toMatchObject({ wallets: ["Mine"] });
    expect(await outcomeOf(backup)).toBeUndefined();
  });

  test("where there is no space for it the wallet that was open goes on as before, with its account", async () => {
    class FullVault extends MemoryVault {
      isFull = true;
      override replace(...values: Parameters<MemoryVault["replace"]>) {
        return this.isFull
          ? Promise.reject(new VaultError("no-space", "There is no space."))
          : super.replace(...values);
      }
    }
    const vault = new FullVault({ cost: COST });
    await (await vault.restore(await backupOf(records), PASSPHRASE, OWN)).lock();
    const session = offlineSession(vault);
    await session.unlock(OWN);
    const openState = () => session.state as Extract<Session["state"], { kind: "open" }>;
    const empty = await backupOf([]);
    await expect(session.replaceBackup(empty, PASSPHRASE, PASSPHRASE)).rejects.toMatchObject({ code: "no-space" });
    expect(openState().account?.wallet.name).toBe("Mine");
    expect(openState().connection.kind).not.toBe("none");
    await session.saveContact({
      name: "Bert",
      address: openState().account!.freshAddress("bech32m").address,
      note: "",
    });
    vault.isFull = false;
    await session.replaceBackup(empty, PASSPHRASE, PASSPHRASE);
    expect(session.state).toMatchObject({
      kind: "open",
      wallets: [],
      contacts: [],
      settings: { noticesSeen: ["backup"] },
    });
    expect(await session.isPassphrase(PASSPHRASE)).toBe(true);
    session.lock();
    // Over one that is locked, whose passphrase was tried in vain.
    for (let count = 0; count < 4; count++) await session.unlock("a guess at it").catch(() => {});
    expect(session.state).toMatchObject({ kind: "locked", failures: 3 });
    await session.replaceBackup(await backupOf(records), PASSPHRASE, OWN);
    expect(openState().account?.wallet.name).toBe("Mine");
    session.lock();
    expect(session.state).toEqual({ kind: "locked", failures: 0, waitUntilMs: 0 });
  });

  test("a later program's is refused in a sentence", async () => {
    expect(await outcomeOf(await backupOf(records, 99))).toMatch(/was written by a later version/);
  });

  test("without one of its records it is refused or shown", async () => {
    const outcomes = [];
    for (const left of records.filter(({ collection }) => collection !== "addresses")) {
      const outcome = await outcomeOf(await backupOf(records.filter((one) => one !== left)));
      if (outcome !== undefined) expect(outcome).toMatch(refusal);
      outcomes.push(`${left.collection}: ${outcome === undefined ? "shown" : "refused"}`);
    }
    expect(new Set(outcomes)).toEqual(
      new Set([
        "settings: shown",
        "networks: refused",
        "wallets: refused",
        "accounts: refused",
        "labels: shown",
        "contacts: shown",
      ]),
    );
  });

  test("with a network that would be a script, or is nowhere, it is refused", async () => {
    for (const url of ["javascript:alert(1)//", "file:///etc", "http://", "https://a b", "//other.example"]) {
      const changed = records.map((record) =>
        record.collection === "networks"
          ? { ...record, text: JSON.stringify({ ...JSON.parse(record.text), url }) }
          : record,
      );
      expect(await outcomeOf(await backupOf(changed)), url).toMatch(/\(the address of a network\)/);
    }
  });

  test("where they are in the vault already, odd settings are left aside, and all else is told in a sentence", async () => {
    const openedWith = async (collection: RecordText["collection"], odd: unknown) => {
      const vault = new MemoryVault({ cost: COST });
      const changed = records.map((record) =>
        record.collection === collection && !record.key.endsWith("/phrase")
          ? { ...record, text: JSON.stringify(odd) }
          : record,
      );
      const open = await vault.restore(await backupOf(changed), PASSPHRASE, OWN);
      await open.lock();
      const session = offlineSession(vault);
      await session.unlock(OWN).catch(() => {});
      const { state } = session;
      session.lock();
      return state;
    };
    for (const minutes of [-1, 1e9, 2 ** 40, 0.5, "10", null]) {
      const settings = { autoLockMinutes: minutes, addressType: 5, noticesSeen: { a: 1 } };
      const state = await openedWith("settings", settings);
      expect(state).toMatchObject({ kind: "open", settings: { autoLockMinutes: 10, noticesSeen: [] } });
    }
    for (const collection of ["networks", "wallets", "accounts", "contacts"] as const) {
      expect(await openedWith(collection, { kind: "unknown" })).toMatchObject({
        kind: "damaged",
        problem: expect.stringMatching(/^A record of the vault cannot be read: .*\. Restore the wallet from a backup/),
      });
    }
  });

  test("with any field of any record missing or odd it is refused or shown, and never half", async () => {
    let shown = 0;
    let refused = 0;
    const seen = new Set<string>();
    for (const [index, record] of records.entries()) {
      // Of many alike one is enough.
      const kind = `${record.collection} ${record.key.replace(/[0-9a-f]{8,}|\d+|bcrt1\w+/g, "")}`;
      if (seen.has(kind)) continue;
      seen.add(kind);
      for (const odd of oddOnes(JSON.parse(record.text))) {
        const changed = records.with(index, { ...record, text: JSON.stringify(odd) });
        const outcome = await outcomeOf(await backupOf(changed));
        if (outcome === undefined) shown++;
        else {
          expect(outcome, `${record.collection} ${record.key} ${JSON.stringify(odd).slice(0, 200)}`).toMatch(refusal);
          refused++;
        }
      }
    }
    expect(refused).toBeGreaterThan(50);
    expect(shown).toBeGreaterThan(5);
  });
});

/** A value with one of its parts in turn left out or another; the whole of it too. */
function* oddOnes(value: unknown): Generator<unknown> {
  yield* ODD_VALUES.filter((_, index) => index % 4 === 0);
  if (typeof value !== "object" || value === null) return;
  const entries = Object.entries(value);
  for (const [place, [name, member]] of entries.entries()) {
    const put = (other: unknown) =>
      Array.isArray(value) ? value.with(Number(name), other) : { ...value, [name]: other };
    yield Array.isArray(value) ? value.toSpliced(Number(name), 1) : { ...value, [name]: undefined };
    // Not every value at every place, and each of them somewhere.
    yield* ODD_VALUES.filter((_, index) => (index + place) % 4 === 0).map(put);
    if (typeof member === "object") for (const odd of oddOnes(member)) yield put(odd);
  }
}
