import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Random } from "../ports.ts";

const FILE_NAME = "api-keys.json";
const KEY_SIZE = 24;

/** The key to what changes the network over HTTP. */
export interface AdminKey {
  readonly key: string;
  /** Where it is kept. */
  readonly file: string;
}

/**
 * The admin key of the network in `folder`, made on first use and kept in `api-keys.json`, which its owner alone can read. Throws `Error`
 * where the file is damaged.
 */
export function loadAdminKey(folder: string, random: Pick<Random, "bytes">): AdminKey {
  const file = join(folder, FILE_NAME);
  const stored = readStored(file);
  if (stored !== undefined) return { key: stored, file };
  const key = toHex(random.bytes(KEY_SIZE));
  writeFileSync(file, `${JSON.stringify({ admin: key }, undefined, 2)}\n`, { mode: 0o600, flag: "wx" });
  return { key, file };
}

function readStored(file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new Error(`The API keys in ${file} cannot be read: ${code}.`);
  }
  try {
    const { admin } = JSON.parse(text) as { admin?: unknown };
    if (typeof admin === "string" && /^[!-~]{1,256}$/.test(admin)) return admin;
  } catch {
    // Said below.
  }
  throw new Error(`The API keys in ${file} cannot be read; move the file away for new ones.`);
}
