import { sha256 } from "@noble/hashes/sha2.js";
import {
  changedAt,
  type Damage,
  fails,
  isAllLocked,
  isCode,
  isSame,
  isState,
  keysOf,
  labelAt,
  OTHER,
  PASSPHRASE,
  VALUE,
  type VaultPlace,
  type VaultTest,
} from "./conformance-kit.ts";
import type { OpenVault } from "./vault.ts";

/** Rules about a backup that takes the place of a vault. */

const ITS_OWN = "the backup's own";

const DAMAGES: readonly Damage[] = [
  "record-changed",
  "record-lost",
  "all-records-lost",
  "key-lost",
  "key-garbled",
  "key-too-new",
];

/** A backup with two labels and a wallet, of a vault that is gone; then a vault with another label, open. */
async function prepared(place: VaultPlace): Promise<{ readonly backup: Uint8Array; readonly open: OpenVault }> {
  const vault = place.vault();
  const first = await vault.create(PASSPHRASE);
  await first.write([{ collection: "wallets", key: "a", value: VALUE }, labelAt(1), labelAt(2)]);
  const backup = await first.backup(ITS_OWN);
  await vault.destroy();
  const open = await vault.create(PASSPHRASE);
  await open.write([labelAt(3), { collection: "contacts", key: "old", value: 1 }]);
  return { backup, open };
}

async function isReplaced(open: OpenVault): Promise<void> {
  isSame(await keysOf(open), ["00001", "00002"]);
  isSame(await open.get("wallets", "a"), VALUE);
  isSame(await open.list("contacts"), []);
}

/** With the new passphrase only, and for the next program. */
async function isReplacedFor(place: VaultPlace): Promise<void> {
  const vault = place.vault();
  await isState(vault, "locked");
  await fails(vault.unlock(PASSPHRASE), "wrong-passphrase");
  await fails(vault.unlock(ITS_OWN), "wrong-passphrase");
  const open = await vault.unlock(OTHER);
  await isReplaced(open);
  await open.write([labelAt(5)]);
  await open.changePassphrase(OTHER, "a third of these");
  await open.lock();
  isSame((await keysOf(await vault.unlock("a third of these"))).length, 3);
}

export const REPLACING_TESTS: readonly VaultTest[] = [
  {
    name: "a backup takes the place of an open vault, whose handles are locked then",
    async run(place) {
      const { backup, open } = await prepared(place);
      await open.lock();
      const vault = place.vault();
      const again = await vault.unlock(PASSPHRASE);
      const replaced = await vault.replace(backup, ITS_OWN, OTHER);
      await isAllLocked(again);
      await again.lock();
      await isState(vault, "open");
      await isReplaced(replaced);
      await replaced.lock();
      await isReplacedFor(place);
    },
  },
  {
    name: "a backup takes the place of a locked vault, and of none",
    async run(place) {
      const { backup, open } = await prepared(place);
      await open.lock();
      for (const isThere of [true, false]) {
        const vault = place.vault();
        if (!isThere) await vault.destroy();
        const replaced = await vault.replace(backup, ITS_OWN, OTHER);
        await isReplaced(replaced);
        await replaced.lock();
      }
      await isReplacedFor(place);
    },
  },
  {
    name: "what is no backup, damaged, of a later version or under another passphrase takes nobody's place",
    async run(place) {
      const vault = place.vault({ migrations: [] });
      const later = await place.vault({ migrations: [() => []] }).create(PASSPHRASE);
      const tooNew = await later.backup(ITS_OWN);
      await later.lock();
      await place.vault().destroy();
      const { backup, open } = await prepared({ vault: () => vault });
      const tried = (bytes: Uint8Array, its = ITS_OWN, next = OTHER) => vault.replace(bytes, its, next);
      await fails(tried(backup, PASSPHRASE), "wrong-passphrase");
      await fails(tried(backup, ITS_OWN, "short"), "refused");
      await fails(tried(new Uint8Array(0)), "not-a-backup");
      await fails(tried(backup.slice(0, -1)), "damaged");
      await fails(tried(changedAt(backup, backup.length - 20)), "damaged");
      await fails(tried(changedAt(backup, 8, 2)), "too-new");
      await fails(tried(tooNew), "too-new");
      for (const [offset, value] of [
        [10, 2 ** 30],
        [14, 2 ** 31],
        [18, 0],
      ] as const) {
        await fails(tried(withCost(backup, offset, value)), "damaged");
      }
      // Open as before, also for who had it open.
      await isState(vault, "open");
      await open.write([labelAt(4)]);
      isSame(await keysOf(open), ["00003", "00004"]);
      await open.lock();
      await fails(tried(backup, PASSPHRASE), "wrong-passphrase");
      await isState(vault, "locked");
      isSame(await keysOf(await vault.unlock(PASSPHRASE)), ["00003", "00004"]);
    },
  },
  {
    name: "nothing takes the place of a vault that another has open",
    async run(place) {
      const { backup, open } = await prepared(place);
      const other = place.vault();
      await fails(other.replace(backup, ITS_OWN, OTHER), "in-use");
      await open.write([labelAt(4)]);
      await open.lock();
      const replaced = await other.replace(backup, ITS_OWN, OTHER);
      await isReplaced(replaced);
    },
  },
  {
    name: "what is written or changed while a backup takes its place is gone with it, or comes too late",
    async run(place) {
      const { backup, open } = await prepared(place);
      await open.lock();
      const vault = place.vault();
      const again = await vault.unlock(PASSPHRASE);
      const replacing = vault.replace(backup, ITS_OWN, OTHER);
      const others = Array.from({ length: 40 }, (_, index) => again.write([labelAt(10 + index)]));
      others.push(again.changePassphrase(PASSPHRASE, "yet another of them"));
      for (const outcome of await Promise.allSettled(others)) {
        if (outcome.status === "rejected") isCode(outcome.reason, "locked");
      }
      const replaced = await replacing;
      await isReplaced(replaced);
      await replaced.lock();
      await isReplacedFor(place);
    },
  },
  {
    name: "a vault that is locked while a backup takes its place is the old one or the new one, and locked",
    async run(place) {
      const { backup, open } = await prepared(place);
      await open.lock();
      const vault = place.vault();
      const again = await vault.unlock(PASSPHRASE);
      const replacing = vault.replace(backup, ITS_OWN, OTHER).then(
        async (replaced) => {
          await replaced.lock();
          return true;
        },
        (error) => isCode(error, "locked") === undefined,
      );
      await again.lock();
      const isNew = await replacing;
      await isState(vault, "locked");
      if (isNew) return isReplacedFor(place);
      isSame(await keysOf(await vault.unlock(PASSPHRASE)), ["00003"]);
    },
  },
  ...DAMAGES.map(
    (damage): VaultTest => ({
      name: `a backup takes the place of a damaged vault: ${damage}`,
      needsDamage: true,
      async run(place) {
        const { backup, open } = await prepared(place);
        await open.write([labelAt(4)]);
        await open.lock();
        await place.damage!(damage);
        const vault = place.vault();
        await vault.unlock(PASSPHRASE).catch(() => {});
        await fails(vault.replace(backup, PASSPHRASE, OTHER), "wrong-passphrase");
        const replaced = await vault.replace(backup, ITS_OWN, OTHER);
        await isReplaced(replaced);
        await isState(vault, "open");
        await replaced.lock();
        await isReplacedFor(place);
      },
    }),
  ),
];

/** Another cost of its passphrase, with the check over it made anew. */
function withCost(backup: Uint8Array, offset: number, value: number): Uint8Array {
  const changed = backup.slice();
  new DataView(changed.buffer).setUint32(offset, value, true);
  changed.set(sha256(changed.subarray(9, 98)).subarray(0, 8), 98);
  return changed;
}
