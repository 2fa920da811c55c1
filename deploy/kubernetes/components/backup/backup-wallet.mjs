// Asks the wallet node for a backup of its wallet, and looks whether it is there and whole. What it reads is told by the CronJob beside it.
import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

const variable = (name) => {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`${name} is not set: the CronJob backup-wallet says what it is for.`);
};

/** Calls a method of JSON-RPC at the wallet node. */
async function call(method, params) {
  const response = await fetch(`${variable("WALLET_NODE_URL")}/api/admin/rpc`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": variable("BITCOIN_API_ADMIN_KEY") },
    body: JSON.stringify({ method, params, wallet: variable("WALLET_FILE") }),
    signal: AbortSignal.timeout(120_000),
  });
  const { success, data, error } = await response.json();
  if (!success) throw new Error(`${method} was refused: ${error}`);
  return data.result;
}

async function backUp() {
  const folder = variable("BACKUP_DIR");
  const keep = Number(variable("BACKUP_KEEP"));
  if (!Number.isInteger(keep) || keep < 1) throw new Error("BACKUP_KEEP must be a whole number of 1 or more.");
  const prefix = `${variable("WALLET_FILE")}-`;
  // In this form names are in the order of time.
  const name = `${prefix}${new Date().toISOString().replaceAll(":", "-")}.bak`;
  await call("backupwallet", [join(variable("BACKUP_DIR_OF_NODE"), name)]);

  const file = join(folder, name);
  const { size } = await stat(file);
  if (size === 0) throw new Error(`${file} is empty.`);
  const sum = createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
  // As sha256sum writes it, so that "sha256sum -c" checks it.
  await writeFile(`${file}.sha256`, `${sum}  ${name}\n`, { mode: 0o600 });

  const backups = (await readdir(folder)).filter((one) => one.startsWith(prefix) && one.endsWith(".bak")).sort();
  const old = backups.slice(0, -keep);
  for (const one of old) {
    await rm(join(folder, one));
    await rm(join(folder, `${one}.sha256`), { force: true });
  }
  console.log(`${file}: ${size} bytes, sha256 ${sum}; ${backups.length - old.length} backups are kept.`);
}

backUp().catch((error) => {
  const cause = error.cause?.code ? ` (${error.cause.code})` : "";
  console.error(`The wallet was not backed up: ${error.message}${cause}`);
  process.exitCode = 1;
});
