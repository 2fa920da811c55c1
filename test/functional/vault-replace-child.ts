/**
 * A process that puts a backup in the place of a vault and is killed at one of the changes that it makes on the disk, for tests. Arguments: folder,
 * what is done ("open", "damaged" or "settle"), behind which change it ends, counted from 0. Says how many there were where it comes to its end.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { SqlVault } from "../../apps/desktop/src/vault/sql-vault.ts";
import { BACKUP_FILE, BACKUP_PASSPHRASE, CHEAP_COST, NEW_PASSPHRASE, OLD_PASSPHRASE } from "./vault-replace-kit.ts";

const [folder, task, killAt] = process.argv.slice(2) as [string, string, string];
let count = 0;

/** Each call of it is one of the counted changes, where it is one at all. */
function counted(home: object, name: string, isChange: (...values: never[]) => boolean = () => true): void {
  const original = Reflect.get(home, name) as (...values: unknown[]) => unknown;
  const replaced = (...values: unknown[]) => {
    const isLast = isChange(...(values as never[])) && count++ === Number(killAt);
    const answer = original.apply(home, values);
    if (!isLast) return answer;
    if (!(answer instanceof Promise)) process.kill(process.pid, "SIGKILL");
    return (answer as Promise<unknown>).then(() => process.kill(process.pid, "SIGKILL"));
  };
  Object.defineProperty(home, name, { value: replaced, configurable: true, writable: true });
}

const isThere = (path: string) => fs.statSync(path, { throwIfNoEntry: false }) !== undefined;
const isWriting = (_path: string, flags: string) => flags !== "r";

function countChanges(): void {
  for (const name of ["rename", "link", "unlink", "copyFile", "writeFile"]) counted(fs.promises, name);
  for (const name of ["renameSync", "chmodSync", "unlinkSync"]) counted(fs, name);
  counted(fs.promises, "rm", isThere);
  counted(fs, "rmSync", isThere);
  counted(fs.promises, "open", isWriting);
  counted(fs, "openSync", isWriting);
  syncBuiltinESMExports();
}

const vault = new SqlVault(folder, { kdfCost: CHEAP_COST });
if (task === "open") {
  const open = await vault.unlock(OLD_PASSPHRASE);
  await open.write([{ collection: "labels", key: "late", value: "in the log" }]);
}
if (task === "damaged") await vault.unlock(OLD_PASSPHRASE).catch(() => {});
const backup = new Uint8Array(fs.readFileSync(BACKUP_FILE(folder)));
countChanges();
if (task === "settle") await vault.state();
else {
  const replaced = await vault.replace(backup, BACKUP_PASSPHRASE, NEW_PASSPHRASE);
  // As the page does when it has heard of it.
  await replaced.list("labels");
}
console.log(`done ${count}`);
process.exit(0);
