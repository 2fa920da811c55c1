/** A process that has a vault open, for tests that kill it. Arguments: folder, passphrase, what to do. Says each thing that is done. */
import { SqlVault } from "../../apps/desktop/src/vault/sql-vault.ts";

const [folder, passphrase, task, next] = process.argv.slice(2) as [string, string, string, string];
const CHEAP_COST = { n: 16, r: 1, p: 1 };

const vault = new SqlVault(folder, { kdfCost: CHEAP_COST });
const open = (await vault.state()).kind === "absent" ? await vault.create(passphrase) : await vault.unlock(passphrase);
console.log("open");
if (task === "write") {
  for (let index = (await open.list("labels")).length / 2; ; index++) {
    await open.write([0, 1].map((half) => ({ collection: "labels", key: `${index}.${half}`, value: "x".repeat(500) })));
    console.log(`written ${index}`);
  }
}
if (task === "change") {
  for (let now = passphrase, other = next; ; [now, other] = [other, now]) {
    await open.changePassphrase(now, other);
    console.log(`passphrase ${other}`);
  }
}
// Holds it until it is killed.
setInterval(() => {}, 1000);
