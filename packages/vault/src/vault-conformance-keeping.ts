import {
  changedAt,
  type Damage,
  fails,
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
import type { Migration } from "./migrations.ts";
import { deriveKey } from "./passphrase-key.ts";
import type { VaultErrorCode } from "./vault.ts";
import { readBackup } from "./vault-backup.ts";

/** Rules about backups, versions and damage. */
export const KEEPING_TESTS: readonly VaultTest[] = [
  {
    name: "comes back from a backup, under another passphrase",
    async run(place) {
      const vault = place.vault();
      const open = await vault.create(PASSPHRASE);
      await open.write([{ collection: "wallets", key: "a", value: VALUE }, labelAt(1), labelAt(2)]);
      const backup = await open.backup("the backup's own");
      await open.write([labelAt(3), { collection: "labels", key: "00001" }]);
      await fails(vault.restore(backup, "the backup's own", OTHER), "exists");
      await vault.destroy();
      await fails(vault.restore(backup, PASSPHRASE, OTHER), "wrong-passphrase");
      await fails(vault.restore(backup, "the backup's own", "short"), "refused");
      await isState(vault, "absent");
      const restored = await vault.restore(backup, "the backup's own", OTHER);
      isSame(await restored.get("wallets", "a"), VALUE);
      isSame(await keysOf(restored), ["00001", "00002"]);
      await restored.lock();
      isSame(await keysOf(await place.vault().unlock(OTHER)), ["00001", "00002"]);
    },
  },
  {
    name: "takes no backup that is none, damaged, cut short or of a later version, and nothing is made then",
    async run(place) {
      const vault = place.vault();
      const open = await vault.create(PASSPHRASE);
      await open.write([labelAt(1)]);
      const backup = await open.backup(PASSPHRASE);
      await vault.destroy();
      const restored = (bytes: Uint8Array) => vault.restore(bytes, PASSPHRASE, OTHER);
      await fails(restored(new Uint8Array(0)), "not-a-backup");
      await fails(restored(new TextEncoder().encode("{}")), "not-a-backup");
      await fails(restored(backup.slice(0, 7)), "not-a-backup");
      await fails(restored(backup.slice(0, 40)), "damaged");
      await fails(restored(backup.slice(0, -1)), "damaged");
      await fails(restored(Uint8Array.of(...backup, 0)), "damaged");
      await fails(restored(changedAt(backup, 0)), "not-a-backup");
      await fails(restored(changedAt(backup, 8, 2)), "too-new");
      for (const offset of [12, 30, 60, backup.length >> 1, backup.length - 1]) {
        await fails(restored(changedAt(backup, offset)), "damaged");
      }
      await isState(vault, "absent");
      isSame((await (await restored(backup)).list("labels")).length, 1);
    },
  },
  {
    name: "brings records of an older version to its own, once, and leaves those of a later one alone",
    async run(place) {
      const open = await place.vault({ migrations: [] }).create(PASSPHRASE);
      await open.write([labelAt(1), labelAt(2)]);
      const backup = await open.backup(PASSPHRASE);
      await open.lock();
      const migrations: Migration[] = [
        (records) =>
          records.list("labels", "").map(({ key, value }) => ({ collection: "labels", key, value: [value!] })),
        (records) => [
          { collection: "labels", key: "00001" },
          { collection: "contacts", key: "moved", value: records.get("labels", "00001")! },
        ],
      ];
      for (let times = 0; times < 2; times++) {
        const migrated = await place.vault({ migrations }).unlock(PASSPHRASE);
        isSame(await migrated.list("labels"), [{ key: "00002", value: ["label 2"] }]);
        isSame(await migrated.get("contacts", "moved"), ["label 1"]);
        await migrated.lock();
      }
      await fails(place.vault({ migrations: migrations.slice(0, 1) }).unlock(PASSPHRASE), "too-new");
      await fails(place.vault({ migrations: [] }).unlock(PASSPHRASE), "too-new");
      const again = await place.vault({ migrations }).unlock(PASSPHRASE);
      const later = await again.backup(PASSPHRASE);
      await again.lock();
      await place.vault().destroy();
      await fails(place.vault({ migrations: [] }).restore(later, PASSPHRASE, PASSPHRASE), "too-new");
      const restored = await place.vault({ migrations }).restore(backup, PASSPHRASE, PASSPHRASE);
      isSame(await restored.list("labels"), [{ key: "00002", value: ["label 2"] }]);
    },
  },
  {
    name: "a migration that fails leaves everything as it was",
    async run(place) {
      const open = await place.vault({ migrations: [] }).create(PASSPHRASE);
      await open.write([labelAt(1)]);
      await open.lock();
      const step: Migration = () => [{ collection: "labels", key: "new", value: 1 }];
      const failing: Migration = () => [{ collection: "labels", key: "", value: 1 }];
      await fails(place.vault({ migrations: [step, failing] }).unlock(PASSPHRASE), "refused");
      isSame(await keysOf(await place.vault({ migrations: [] }).unlock(PASSPHRASE)), ["00001"]);
    },
  },
  damageTest("record-changed", "damaged", /label/, ["00001|00002"]),
  damageTest("record-lost", "damaged", /1 .*label/, ["00001|00002"]),
  damageTest("record-old", "damaged", /label/, ["00001", "00002"]),
  damageTest("records-exchanged", "damaged", /label/, []),
  damageTest("all-records-lost", "damaged", /./, []),
  damageTest("key-lost", "damaged"),
  damageTest("key-garbled", "damaged"),
  damageTest("key-absurd", "damaged"),
  damageTest("key-too-new", "too-new"),
];

/** It is told, nothing is answered of it, and once it is removed a backup takes its place. */
function damageTest(damage: Damage, code: VaultErrorCode, sentence = /./, readable?: readonly string[]): VaultTest {
  return {
    name: `tells of damage: ${damage}`,
    needsDamage: true,
    async run(place) {
      const first = await place.vault().create(PASSPHRASE);
      await first.write([labelAt(1), labelAt(2), { collection: "wallets", key: "a", value: VALUE }]);
      await first.lock();
      await place.remember?.();
      const open = await place.vault().unlock(PASSPHRASE);
      await open.write([{ ...labelAt(1), value: "label 1 " }]);
      const backup = await open.backup(PASSPHRASE);
      await open.lock();
      await place.damage!(damage);
      const vault = place.vault();
      const error = await fails(vault.unlock(PASSPHRASE), code);
      if (!sentence.test(error.message)) throw new Error(`'${error.message}' does not say what is damaged`);
      const state = await vault.state();
      if (code === "damaged" && !(state.kind === "damaged" && state.problem.length > 0)) {
        throw new Error(`its state is ${state.kind} after it was found damaged`);
      }
      await fails(vault.create(PASSPHRASE), "exists");
      await fails(vault.restore(backup, PASSPHRASE, PASSPHRASE), "exists");
      if (readable !== undefined) await isSalvaged(place, readable);
      else await fails(vault.salvage!(PASSPHRASE), code);
      await vault.destroy();
      await isState(vault, "absent");
      const restored = await vault.restore(backup, PASSPHRASE, PASSPHRASE);
      isSame(await restored.get("wallets", "a"), VALUE);
      isSame(await keysOf(restored), ["00001", "00002"]);
    },
  };
}

/** `keys`: of the labels that can be read, each or one of several. All else is there, unless everything is lost. */
async function isSalvaged(place: VaultPlace, keys: readonly string[]): Promise<void> {
  const vault = place.vault();
  await fails(vault.salvage!(OTHER), "wrong-passphrase");
  const { backup, lost } = await vault.salvage!(PASSPHRASE);
  if (lost === undefined) throw new Error("nothing is said to be lost");
  // The damaged one stays as it is, and another place takes what was read.
  await fails(vault.unlock(PASSPHRASE), "damaged");
  const { records } = await readBackup(backup, PASSPHRASE, { deriveKey });
  const labels = records.filter(({ collection }) => collection === "labels").map(({ key }) => key);
  isSame(labels.length, keys.length);
  for (const [index, key] of labels.sort().entries()) {
    if (!keys[index]!.split("|").includes(key)) throw new Error(`${key} is salvaged; ${keys[index]} was expected`);
  }
}
