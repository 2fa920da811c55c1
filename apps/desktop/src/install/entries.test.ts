import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { desktopEntry, entryFolders, ICON_SIZES, installEntries, removeCache, uninstallEntries } from "./entries.ts";

const ICONS = resolve(import.meta.dirname, "../../icons");
const icons = { wallet: join(ICONS, "bitfleet-wallet.png"), admin: join(ICONS, "bitfleet-admin.png") };
const AWKWARD = ["/a b/100%/it's", '/say "x"/$HOME/`id`', "/back\\slash", "/a=b;c&d|e<f>g*h?i#j(k)~l", "/ümlaut", "%u"];

function place(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), "bitfleet-entries-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, name));
  return join(folder, name);
}

test("the wallet's entry takes payment links, and the words of its command whatever is in them", () => {
  const entry = desktopEntry("wallet", ["/opt/my programs/100%/node", "/opt/b/bitfleet", "wallet"]);
  expect(entry).toContain('\nExec="/opt/my programs/100%%/node" /opt/b/bitfleet wallet %u\n');
  expect(entry).toContain("\nMimeType=x-scheme-handler/bitcoin;\n");
  expect(entry).toContain("\nStartupWMClass=bitfleet-wallet\n");
  expect(desktopEntry("admin", ["x"])).not.toContain("MimeType");
});

/** Reads an Exec line as the Desktop Entry specification has it: the file's escapes, then quotes, then fields. */
function wordsOf(entry: string): readonly string[] {
  const value = /^Exec=(.*)$/m.exec(entry)![1]!.replaceAll(/\\(.)/g, "$1");
  const words = value.match(/"(?:\\.|[^"\\])*"|[^\s"]+/g)!;
  return words.map((word) =>
    word
      .replace(/^"(.*)"$/s, "$1")
      .replaceAll(/\\(["`$\\])/g, "$1")
      .replaceAll("%%", "%"),
  );
}

test("words with quotes, backslashes, dollars and percent signs come out as they went in", () => {
  expect(desktopEntry("admin", ["/back\\slash", 'a"b'])).toContain(`\nExec="/back${"\\".repeat(4)}slash" "a\\\\"b"\n`);
  expect(wordsOf(desktopEntry("admin", AWKWARD))).toEqual(AWKWARD);
  expect(() => desktopEntry("admin", ["a\nExec=evil"])).toThrow("cannot name");
});

const hasValidator = spawnSync("desktop-file-validate", ["--version"]).error === undefined;
test.skipIf(!hasValidator)("desktop-file-validate finds nothing wrong", () => {
  const folder = place("x");
  for (const app of ["wallet", "admin"] as const) {
    const file = join(folder, `bitfleet-${app}.desktop`);
    writeFileSync(file, desktopEntry(app, AWKWARD));
    expect(execFileSync("desktop-file-validate", [file], { encoding: "utf8" })).toBe("");
  }
});

test.each(["home", "a home", `"quoted" 100% 'home'`])(
  "entries and icons are put into %s where the desktop looks, and leave nothing",
  (name) => {
    const home = place(name);
    const folders = entryFolders({}, home);
    expect(folders.applications).toBe(join(home, ".local/share/applications"));
    mkdirSync(join(home, ".local/share"), { recursive: true });
    const install = (version: string) => installEntries(folders, (app) => [join(home, version), app], icons);
    const written = install("old");
    expect(written).toHaveLength(2 * (1 + ICON_SIZES.length));
    for (const file of written) expect([file, existsSync(file)]).toEqual([file, true]);
    // Again, from another place: the entry is of that one, and nothing is there twice.
    expect(install("new")).toEqual(written);
    expect(wordsOf(readFileSync(join(folders.applications, "bitfleet-admin.desktop"), "utf8"))).toEqual([
      join(home, "new"),
      "admin",
    ]);
    for (const size of ICON_SIZES) {
      const icon = readFileSync(join(folders.icons, `${size}x${size}/apps/bitfleet-wallet.png`));
      expect([icon.readUInt32BE(16), icon.readUInt32BE(20)]).toEqual([size, size]);
    }
    expect(uninstallEntries(folders)).toEqual(written);
    expect(readdirSync(join(home, ".local/share"))).toEqual([]);
    expect(uninstallEntries(folders)).toEqual([]);
  },
);

test("what was made of them goes with the last of them", () => {
  const folders = entryFolders({ XDG_DATA_HOME: place("data") }, "/nowhere");
  const other = join(folders.applications, "other.desktop");
  mkdirSync(folders.applications, { recursive: true });
  for (const file of [other, join(folders.applications, "mimeinfo.cache")]) writeFileSync(file, "");
  removeCache(folders);
  expect(readdirSync(folders.applications)).toHaveLength(2);
  rmSync(other);
  removeCache(folders);
  expect(existsSync(folders.applications)).toBe(false);
  removeCache(folders);
});

test("what others have put there stays", () => {
  const folders = entryFolders({ XDG_DATA_HOME: place("data") }, "/nowhere");
  mkdirSync(folders.applications, { recursive: true });
  const other = join(folders.applications, "other.desktop");
  writeFileSync(other, "");
  installEntries(folders, (app) => [app], icons);
  uninstallEntries(folders);
  expect(existsSync(other)).toBe(true);
});
