/**
 * Writes to a wallet without end, in every way there is, and says of each write on its output when it was acknowledged. To be killed.
 *
 *     tsx test/kill9/wallet-writes.ts <folder> <seed> <passphrase or -> <first number>
 */
import { writeSync } from "node:fs";
import { systemRandom } from "@bitfleet/node/clock.ts";
import { openWalletDatabase } from "@bitfleet/node/wallets/storage/open-wallet.ts";
import { SeededRandom } from "../differential/random.ts";
import { changesOf, NETWORK_MAGIC, secretIdOf, secretOf, type WalletWrite } from "./wallet-model.ts";

const [folder = "", seedText = "1", given = "-", first = "0"] = process.argv.slice(2);
const random = new SeededRandom(Number(seedText));
const deps = {
  random: systemRandom,
  clock: { monotonicMs: () => performance.now() },
  kdfCost: { n: 16, r: 1, p: 1 },
};
let passphrase = given === "-" ? undefined : given;
const keysFolder = `${folder}.keys`;
const open = () =>
  openWalletDatabase(folder, { networkMagic: NETWORK_MAGIC, keysFolder, passphrase, unlock: true }, deps);

const tell = (write: WalletWrite) => writeSync(1, `${JSON.stringify(write)}\n`);

let wallet = await open();
tell({ kind: "open" });
for (let number = Number(first); ; number++) {
  const choice = random.below(100);
  if (choice < 40) {
    wallet.ledger.apply(changesOf(number));
    tell({ kind: "ledger", number });
  } else if (choice < 65) {
    wallet.vault.put("key", secretIdOf(number), secretOf(number));
    tell({ kind: "secret", number });
  } else if (choice < 75) {
    wallet.transaction(() => {
      wallet.ledger.apply(changesOf(number));
      wallet.vault.put("key", secretIdOf(number), secretOf(number));
    });
    tell({ kind: "ledger", number });
    tell({ kind: "secret", number });
  } else if (choice < 80) await wallet.flush();
  else if (choice < 84) await wallet.compact();
  else if (choice < 88) await wallet.backup(`${folder}.backup`);
  else if (choice < 94) {
    const next = `passphrase ${number}`;
    tell({ kind: "passphrase-begins", passphrase: next });
    if (passphrase === undefined) await wallet.encrypt(next, random.oneIn(2) ? "secrets" : "file");
    else await wallet.changePassphrase(passphrase, next);
    passphrase = next;
    tell({ kind: "passphrase", passphrase });
    await wallet.vault.unlock(passphrase);
  } else {
    await wallet.close();
    wallet = await open();
  }
}
