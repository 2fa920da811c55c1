import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { DesktopApp } from "../apps.ts";
import { entryFolders, installEntries, uninstallEntries } from "./entries.ts";

/** `bitfleet desktop install` and `uninstall`: says what it did. `command` runs `bitfleet`, word by word. Throws `Error` with what to do. */
export function runInstall(
  what: string | undefined,
  command: readonly string[],
  icons: Readonly<Record<DesktopApp, string>>,
): number {
  if (process.platform !== "linux") {
    throw new Error("Entries in the list of programs are made on Linux. docs/desktop.md says what to do elsewhere.");
  }
  if (what !== "install" && what !== "uninstall") throw new Error('"install" or "uninstall" is expected.');
  const folders = entryFolders();
  const isInstall = what === "install";
  const files = isInstall ? installEntries(folders, (app) => [...command, app], icons) : uninstallEntries(folders);
  // The desktop's own list of what opens what; where it has none it reads the entries themselves.
  spawnSync("update-desktop-database", [folders.applications], { stdio: "ignore" });
  for (const file of files) process.stdout.write(`${isInstall ? "Wrote" : "Removed"} ${file}\n`);
  if (isInstall) {
    const handler = spawnSync("xdg-mime", ["default", "bitfleet-wallet.desktop", "x-scheme-handler/bitcoin"], {
      stdio: "ignore",
    });
    const isDefault = handler.status === 0;
    process.stdout.write(
      isDefault
        ? "Links that begin with bitcoin: open in Bitfleet Wallet.\n"
        : "xdg-mime is not installed: choose Bitfleet Wallet when a bitcoin: link is opened for the first time.\n",
    );
  } else if (files.length === 0) process.stdout.write("There was nothing to remove.\n");
  return 0;
}

/** What runs `bitfleet` again as it runs now. */
export const commandNow = (bundleUrl: string): readonly string[] => [
  process.execPath,
  fileURLToPath(new URL("../packages/node/bin/bitfleet", bundleUrl)),
];
