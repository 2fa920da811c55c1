import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { DesktopApp } from "../apps.ts";
import { removeHandler } from "./default-handler.ts";
import { type EntryFolders, entryFolders, installEntries, removeCache, uninstallEntries } from "./entries.ts";

const LINK_TYPE = "x-scheme-handler/bitcoin";
const WALLET_ENTRY = "bitfleet-wallet.desktop";

/** `bitfleet desktop install` and `uninstall`: says what it did. `command` runs `bitfleet`, word by word. Throws `Error` with what to do. */
export async function runInstall(
  what: string | undefined,
  command: readonly string[],
  icons: Readonly<Record<DesktopApp, string>>,
): Promise<number> {
  if (process.platform !== "linux") {
    throw new Error("Entries in the list of programs are made on Linux. docs/desktop.md says what to do elsewhere.");
  }
  if (what !== "install" && what !== "uninstall") throw new Error('"install" or "uninstall" is expected.');
  const folders = entryFolders();
  const isInstall = what === "install";
  const files = isInstall ? installEntries(folders, (app) => [...command, app], icons) : uninstallEntries(folders);
  // The desktop's own list of what opens what; where it has none it reads the entries themselves.
  spawnSync("update-desktop-database", [folders.applications], { stdio: "ignore" });
  for (const file of files) say(`${isInstall ? "Wrote" : "Removed"} ${file}`);
  if (isInstall) {
    openLinks();
    return 0;
  }
  removeCache(folders);
  const lists = await forgetLinks(folders);
  if (files.length + lists.length === 0) say("There was nothing to remove.");
  return lists.every(({ problem }) => problem === undefined) ? 0 : 1;
}

function openLinks(): void {
  const { status, error } = spawnSync("xdg-mime", ["default", WALLET_ENTRY, LINK_TYPE], { stdio: "ignore" });
  const why = error === undefined ? "xdg-mime could not note it" : "xdg-mime is not installed";
  say(
    status === 0
      ? "Links that begin with bitcoin: open in Bitfleet Wallet."
      : `${why}: choose Bitfleet Wallet when a bitcoin: link is opened for the first time.`,
  );
}

/** Nothing opens links by a program that is gone; xdg-mime itself can take nothing back. */
async function forgetLinks({ handlers }: EntryFolders): Promise<readonly { readonly problem?: string }[]> {
  const told: { readonly problem?: string }[] = [];
  for (const file of handlers) {
    try {
      if (!(await removeHandler(file, LINK_TYPE, WALLET_ENTRY))) continue;
      say(`Removed Bitfleet Wallet as what opens bitcoin: links from ${file}`);
      told.push({});
    } catch (error) {
      const problem = `${file} cannot be written (${(error as Error).message})`;
      say(`${problem}: take "${WALLET_ENTRY}" out of the line of ${LINK_TYPE} by hand.`);
      told.push({ problem });
    }
  }
  return told;
}

const say = (text: string) => void process.stdout.write(`${text}\n`);

/** What runs `bitfleet` again as it runs now. */
export const commandNow = (bundleUrl: string): readonly string[] => [
  process.execPath,
  fileURLToPath(new URL("../packages/node/bin/bitfleet", bundleUrl)),
];
