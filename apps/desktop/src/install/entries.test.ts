import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { desktopEntry, entryFolders, installEntries, uninstallEntries } from "./entries.ts";

test("the wallet's entry takes payment links, and the words of its command whatever is in them", () => {
  const entry = desktopEntry("wallet", ["/opt/my programs/100%/node", "/opt/b/bitfleet", "wallet"]);
  expect(entry).toContain('\nExec="/opt/my programs/100%%/node" /opt/b/bitfleet wallet %u\n');
  expect(entry).toContain("\nMimeType=x-scheme-handler/bitcoin;\n");
  expect(entry).toContain("\nStartupWMClass=bitfleet-wallet\n");
  expect(desktopEntry("admin", ["x"])).not.toContain("MimeType");
});

test("entries are put where the desktop looks, and taken out again", () => {
  const home = mkdtempSync(join(tmpdir(), "bitfleet-entries-"));
  try {
    const icon = join(home, "icon.png");
    rmSync(icon, { force: true });
    const folders = entryFolders({}, home);
    expect(folders.applications).toBe(join(home, ".local/share/applications"));
    const icons = { wallet: import.meta.filename, admin: import.meta.filename };
    const written = installEntries(folders, (app) => ["bitfleet", app], icons);
    expect(written).toHaveLength(4);
    expect(readFileSync(join(folders.applications, "bitfleet-admin.desktop"), "utf8")).toContain(
      "Exec=bitfleet admin\n",
    );
    expect(uninstallEntries(folders)).toEqual(written);
    expect(uninstallEntries(folders)).toEqual([]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
