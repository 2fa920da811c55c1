// Copies the chain of a backup into the data directory of a node that is stopped: RESTORE_FROM to RESTORE_TO. A chain that is there already is left
// alone, or with RESTORE_OVER=yes moved aside.
import { cp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

const variable = (name) => {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`${name} is not set: the job restore-chain says what it is for.`);
};

/** What belongs to the node that made the copy, and is not to be another's: whom it knew, what it waited for, its marks of running. */
const OWN = new Set([
  "peers.dat",
  "anchors.dat",
  "banlist.json",
  "mempool.dat",
  "debug.log",
  ".cookie",
  ".lock",
  "bitcoind.pid",
]);
const UNFINISHED = ".restoring";

async function restore() {
  const from = variable("RESTORE_FROM");
  const to = variable("RESTORE_TO");
  await rm(join(to, UNFINISHED), { recursive: true, force: true });
  const networks = (await readdir(from, { withFileTypes: true })).filter(
    (one) => one.isDirectory() && one.name !== "lost+found",
  );
  if (networks.length === 0) throw new Error(`${from} has no chain.`);
  const there = await readdir(to);
  for (const { name } of networks) {
    if (there.includes(name)) {
      if (process.env.RESTORE_OVER !== "yes") {
        throw new Error(`${join(to, name)} is there already: RESTORE_OVER=yes moves it aside.`);
      }
      await rename(join(to, name), join(to, `${name}.before-${new Date().toISOString().replaceAll(":", "-")}`));
    }
    await cp(join(from, name), join(to, UNFINISHED), {
      recursive: true,
      filter: (path) => !OWN.has(path.slice(join(from, name).length + 1)),
    });
    // At once, so that an interrupted copy is never taken for a chain.
    await rename(join(to, UNFINISHED), join(to, name));
    console.log(`${join(to, name)} is there.`);
  }
}

restore().catch((error) => {
  console.error(`Nothing was restored: ${error.message}`);
  process.exitCode = 1;
});
