import {
  fails,
  isAllLocked,
  isCode,
  isSame,
  isState,
  keysOf,
  labelAt,
  OTHER,
  PASSPHRASE,
  refusedChanges,
  VALUE,
  type VaultTest,
} from "./conformance-kit.ts";
import {
  CHANGES_MAX,
  KEY_LENGTH_MAX,
  type OpenVault,
  PASSPHRASE_LENGTH_MAX,
  VALUE_LENGTH_MAX,
  type VaultChange,
} from "./vault.ts";
import { KEEPING_TESTS } from "./vault-conformance-keeping.ts";
import { REPLACING_TESTS } from "./vault-conformance-replacing.ts";

/** What every vault keeps to, wherever it is. */
export const VAULT_TESTS: readonly VaultTest[] = [
  {
    name: "is absent, open, locked and open again",
    async run(place) {
      const vault = place.vault();
      await isState(vault, "absent");
      await fails(vault.unlock(PASSPHRASE), "absent");
      const open = await vault.create(PASSPHRASE);
      await isState(vault, "open");
      await isState(place.vault(), "locked");
      await fails(vault.create(PASSPHRASE), "exists");
      await open.lock();
      await open.lock();
      await isState(vault, "locked");
      await fails(vault.create(PASSPHRASE), "exists");
      await vault.unlock(PASSPHRASE);
      await isState(vault, "open");
    },
  },
  {
    name: "has what was written, as it was written, also for the next program",
    async run(place) {
      const open = await place.vault().create(PASSPHRASE);
      await open.write([
        { collection: "wallets", key: "a", value: VALUE },
        { collection: "labels", key: "a", value: "one" },
        { collection: "labels", key: "a b\0c", value: 2 },
      ]);
      const check = async (from: OpenVault) => {
        isSame(await from.get("wallets", "a"), VALUE);
        isSame(await from.get("labels", "a"), "one");
        isSame(await from.get("labels", "a b\0c"), 2);
        isSame(await from.get("labels", "b"), undefined);
        isSame(await from.get("contacts", "a"), undefined);
      };
      await check(open);
      await open.lock();
      await check(await place.vault().unlock(PASSPHRASE));
    },
  },
  {
    name: "hands out copies and keeps copies",
    async run(place) {
      const open = await place.vault().create(PASSPHRASE);
      const value = { list: [1] };
      await open.write([{ collection: "settings", key: "a", value }]);
      value.list.push(2);
      const read = (await open.get("settings", "a")) as { list: number[] };
      isSame(read, { list: [1] });
      read.list.push(3);
      isSame(await open.get("settings", "a"), { list: [1] });
    },
  },
  {
    name: "lists by what keys begin with, in the order of UTF-16",
    async run(place) {
      const open = await place.vault().create(PASSPHRASE);
      const keys = ["b:1", "a:2", "a:10", "a:", "a;", "a", "a:\u{1F511}", "a:\uffee", "a:\uffff"];
      await open.write(keys.map((key) => ({ collection: "addresses", key, value: key })));
      await open.write([{ collection: "labels", key: "a:3", value: "elsewhere" }]);
      const listed = async (from: OpenVault, prefix?: string) =>
        (await from.list("addresses", prefix)).map(({ key, value }) => (value === key ? key : `${key}: ${value}`));
      const check = async (from: OpenVault) => {
        isSame(await listed(from, "a:"), keys.filter((key) => key.startsWith("a:")).sort());
        isSame(await listed(from), [...keys].sort());
        isSame(await listed(from, "c"), []);
        isSame(await listed(from, "a:\uffff"), ["a:\uffff"]);
      };
      await check(open);
      await open.lock();
      await check(await place.vault().unlock(PASSPHRASE));
    },
  },
  {
    name: "deletes, and the last change of a key counts",
    async run(place) {
      const open = await place.vault().create(PASSPHRASE);
      await open.write([
        { collection: "labels", key: "a", value: 1 },
        { collection: "labels", key: "a", value: 2 },
        { collection: "labels", key: "b", value: 1 },
        { collection: "labels", key: "b" },
        { collection: "labels", key: "c" },
        { collection: "labels", key: "c", value: 3 },
      ]);
      await open.write([{ collection: "labels", key: "gone" }]);
      await open.write([]);
      isSame(await keysOf(open), ["a", "c"]);
      await open.write([{ collection: "labels", key: "a" }]);
      await open.lock();
      const again = await place.vault().unlock(PASSPHRASE);
      isSame(await keysOf(again), ["c"]);
      isSame(await again.get("labels", "c"), 3);
    },
  },
  {
    name: "writes all of the changes or none",
    async run(place) {
      const open = await place.vault().create(PASSPHRASE);
      await open.write([{ collection: "labels", key: "a", value: 1 }]);
      const good: VaultChange[] = [
        { collection: "labels", key: "a", value: 2 },
        { collection: "labels", key: "b", value: 2 },
      ];
      for (const bad of refusedChanges()) await fails(open.write([...good, bad]), "refused");
      const many = Array.from({ length: CHANGES_MAX + 1 }, (_, index) => labelAt(index));
      await fails(open.write(many), "refused");
      isSame(await keysOf(open), ["a"]);
      isSame(await open.get("labels", "a"), 1);
      await open.lock();
      isSame(await keysOf(await place.vault().unlock(PASSPHRASE)), ["a"]);
    },
  },
  {
    name: "takes keys, values and numbers of changes up to their limits",
    async run(place) {
      const open = await place.vault().create(PASSPHRASE);
      const [key, value] = ["k".repeat(KEY_LENGTH_MAX), "v".repeat(VALUE_LENGTH_MAX - 2)];
      await open.write([{ collection: "transactions", key, value }]);
      await open.write(Array.from({ length: CHANGES_MAX }, (_, index) => labelAt(index)));
      await open.lock();
      const again = await place.vault().unlock(PASSPHRASE);
      isSame(await again.get("transactions", key), value);
      isSame((await again.list("labels")).length, CHANGES_MAX);
    },
  },
  {
    name: "refuses keys and prefixes that no record has when they are asked for",
    async run(place) {
      const open = await place.vault().create(PASSPHRASE);
      await fails(open.get("labels", ""), "refused");
      await fails(open.get("labels", "k".repeat(KEY_LENGTH_MAX + 1)), "refused");
      await fails(open.get("nothing" as "labels", "a"), "refused");
      await fails(open.list("nothing" as "labels"), "refused");
      await fails(open.list("labels", "\ud800"), "refused");
    },
  },
  {
    name: "changes written at once are all there, in the order of the calls",
    async run(place) {
      const open = await place.vault().create(PASSPHRASE);
      const writes = Array.from({ length: 30 }, (_, index) =>
        open.write([
          { collection: "labels", key: `${index}`, value: index },
          { collection: "settings", key: "last", value: index },
        ]),
      );
      await Promise.all(writes);
      isSame((await open.list("labels")).length, 30);
      await open.lock();
      const again = await place.vault().unlock(PASSPHRASE);
      isSame(await again.get("settings", "last"), 29);
      isSame((await again.list("labels")).length, 30);
    },
  },
  {
    name: "opens with its passphrase only, however often another is tried",
    async run(place) {
      const open = await place.vault().create(PASSPHRASE);
      await open.write([labelAt(1)]);
      await open.lock();
      const vault = place.vault();
      for (const wrong of ["", OTHER, `${PASSPHRASE}\0`, PASSPHRASE.toUpperCase(), ` ${PASSPHRASE}`]) {
        await fails(vault.unlock(wrong), "wrong-passphrase");
        await isState(vault, "locked");
      }
      isSame((await (await vault.unlock(PASSPHRASE)).list("labels")).length, 1);
    },
  },
  {
    name: "takes a passphrase however the keyboard composes its letters",
    async run(place) {
      await (await place.vault().create("Schlüssel ﬁne Å")).lock();
      const open = await place.vault().unlock("Schlu\u0308ssel fine A\u030a");
      isSame(await open.isPassphrase("Schlüssel ﬁne \u212b"), true);
      isSame(await open.isPassphrase("Schlussel fine A"), false);
    },
  },
  {
    name: "refuses passphrases that are too short, too long or not text",
    async run(place) {
      const vault = place.vault();
      for (const bad of ["", "1234567", "x".repeat(PASSPHRASE_LENGTH_MAX + 1), "halfhalf\ud800"]) {
        await fails(vault.create(bad), "refused");
      }
      await isState(vault, "absent");
      const open = await vault.create("x".repeat(PASSPHRASE_LENGTH_MAX));
      await fails(open.changePassphrase("x".repeat(PASSPHRASE_LENGTH_MAX), "short"), "refused");
      await fails(open.backup("short"), "refused");
      isSame(await open.isPassphrase("x".repeat(PASSPHRASE_LENGTH_MAX)), true);
    },
  },
  {
    name: "changes its passphrase and keeps everything",
    async run(place) {
      const open = await place.vault().create(PASSPHRASE);
      await open.write([labelAt(1)]);
      await fails(open.changePassphrase(OTHER, "a third of these"), "wrong-passphrase");
      isSame(await open.isPassphrase(PASSPHRASE), true);
      await open.changePassphrase(PASSPHRASE, OTHER);
      isSame([await open.isPassphrase(PASSPHRASE), await open.isPassphrase(OTHER)], [false, true]);
      await open.write([labelAt(2)]);
      await open.lock();
      const vault = place.vault();
      await fails(vault.unlock(PASSPHRASE), "wrong-passphrase");
      isSame((await (await vault.unlock(OTHER)).list("labels")).length, 2);
    },
  },
  {
    name: "says locked to everything once it is locked, by whomever",
    async run(place) {
      const vault = place.vault();
      const open = await vault.create(PASSPHRASE);
      await open.write([labelAt(1)]);
      await open.lock();
      await isAllLocked(open);
      const second = await vault.unlock(PASSPHRASE);
      await isAllLocked(open);
      const third = await vault.unlock(PASSPHRASE);
      await isAllLocked(second);
      isSame((await third.list("labels")).length, 1);
    },
  },
  {
    name: "what was being written when it was locked is there or not, and a write before that is",
    async run(place) {
      const vault = place.vault();
      const open = await vault.create(PASSPHRASE);
      const writing = open.write([labelAt(1)]).then(
        () => 1,
        (error) => {
          isCode(error, "locked");
          return 0;
        },
      );
      await open.lock();
      const written = await writing;
      isSame((await (await vault.unlock(PASSPHRASE)).list("labels")).length, written);
    },
  },
  {
    name: "is open for one at a time",
    async run(place) {
      const open = await place.vault().create(PASSPHRASE);
      await open.write([labelAt(1)]);
      const other = place.vault();
      await fails(other.unlock(PASSPHRASE), "in-use");
      await fails(other.destroy(), "in-use");
      await isState(other, "locked");
      isSame((await open.list("labels")).length, 1);
      await open.lock();
      isSame((await (await other.unlock(PASSPHRASE)).list("labels")).length, 1);
    },
  },
  {
    name: "is gone when it is destroyed, and can be made anew",
    async run(place) {
      const vault = place.vault();
      await vault.destroy();
      const open = await vault.create(PASSPHRASE);
      await open.write([labelAt(1)]);
      await vault.destroy();
      await isState(vault, "absent");
      await isAllLocked(open);
      const again = await vault.create(OTHER);
      isSame(await keysOf(again), []);
      await again.lock();
      await place.vault().destroy();
      await isState(place.vault(), "absent");
    },
  },
  ...KEEPING_TESTS,
  ...REPLACING_TESTS,
];
