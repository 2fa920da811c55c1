// Puts a backup in the place of the treasury's wallet, while the wallet node is stopped; the node unpacks it when it starts. The wallet that was
// there is kept beside it. Reads BACKUP_DIR, NODE_WALLET_DIR, WALLET_FILE, and BACKUP_FILE: a name in BACKUP_DIR, the last one where it is absent.
import { createHash } from "node:crypto";
import { copyFile, mkdir, open, readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";

const variable = (name) => {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`${name} is not set: the job restore-wallet says what it is for.`);
};

async function restore() {
  const folder = variable("BACKUP_DIR");
  const wallet = variable("WALLET_FILE");
  const backups = (await readdir(folder)).filter((one) => one.startsWith(`${wallet}-`) && one.endsWith(".bak")).sort();
  const name = process.env.BACKUP_FILE || backups.at(-1);
  if (name === undefined) throw new Error(`${folder} has no backup of ${wallet}.`);

  const source = join(folder, name);
  const sum = createHash("sha256")
    .update(await readFile(source))
    .digest("hex");
  const [expected] = (await readFile(`${source}.sha256`, "utf8")).split(" ");
  if (sum !== expected)
    throw new Error(`${source} is damaged: its sha256 is not the one noted beside it. Take another.`);

  const target = join(variable("NODE_WALLET_DIR"), wallet);
  const aside = `${target}.before-${new Date().toISOString().replaceAll(":", "-")}`;
  const hadOne = await rename(target, aside).then(
    () => true,
    (error) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
  await mkdir(target, { mode: 0o700 });
  const unfinished = join(target, "wallet.dat.new");
  await copyFile(source, unfinished);
  const file = await open(unfinished, "r+");
  await file.chmod(0o600);
  await file.sync();
  await file.close();
  await rename(unfinished, join(target, "wallet.dat"));
  console.log(`${name} is in place as ${target}${hadOne ? `; what was there is ${aside}` : ""}.`);
}

restore().catch((error) => {
  console.error(`Nothing was restored: ${error.message}`);
  process.exitCode = 1;
});
