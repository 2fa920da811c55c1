/**
 * For tests: opens a wallet in a process of its own, as another user where one is named, and says how that went.
 *
 *     tsx test-open-wallet.ts <path> <folder of keys> <network magic> <user id>
 */
import { randomBytes } from "node:crypto";
import { openWalletDatabase } from "./open-wallet.ts";
import { loadSqlLibrary } from "./sql-database.ts";

const [path = "", keysFolder = "", networkMagic = "0", uid = "0"] = process.argv.slice(2);
const random = { bytes: (size: number) => new Uint8Array(randomBytes(size)) };
const deps = { random, clock: { monotonicMs: () => performance.now() } };
// What is loaded later may not be readable for the other user.
await loadSqlLibrary(path);
if (uid !== "0") process.setuid?.(Number(uid));
try {
  const wallet = await openWalletDatabase(path, { networkMagic: Number(networkMagic), keysFolder }, deps);
  await wallet.close();
  process.stdout.write("opened");
} catch (error) {
  process.stdout.write(String((error as { readonly code?: unknown }).code));
}
