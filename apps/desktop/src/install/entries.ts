import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { APP_NAMES, DESKTOP_APPS, type DesktopApp } from "../apps.ts";

/** Where this user's list of programs is, by the desktop's specifications. */
export interface EntryFolders {
  readonly applications: string;
  readonly icons: string;
}

export function entryFolders(environment: NodeJS.ProcessEnv = process.env, home = homedir()): EntryFolders {
  const { XDG_DATA_HOME: named = "" } = environment;
  const data = isAbsolute(named) ? named : join(home, ".local/share");
  return { applications: join(data, "applications"), icons: join(data, "icons/hicolor/192x192/apps") };
}

const COMMENTS: Readonly<Record<DesktopApp, string>> = {
  wallet: "A Bitcoin wallet whose keys never leave this computer",
  admin: "Explorer and administration of Bitcoin networks",
};

/** The entry of a program: `command` is what is run, word by word. The wallet also takes payment links. */
export function desktopEntry(app: DesktopApp, command: readonly string[]): string {
  const isWallet = app === "wallet";
  const lines = [
    "[Desktop Entry]",
    "Type=Application",
    `Name=${APP_NAMES[app]}`,
    `Comment=${COMMENTS[app]}`,
    `Exec=${[...command.map(quoted), ...(isWallet ? ["%u"] : [])].join(" ")}`,
    `Icon=bitfleet-${app}`,
    "Terminal=false",
    "Categories=Network;Finance;",
    `StartupWMClass=bitfleet-${app}`,
    ...(isWallet ? ["MimeType=x-scheme-handler/bitcoin;"] : []),
  ];
  return `${lines.join("\n")}\n`;
}

/** A word of an Exec line. A percent sign would be a field, and a backslash is read twice. */
function quoted(word: string): string {
  const escaped = word.replaceAll("\\", "\\\\\\\\").replaceAll(/["`$]/g, "\\\\$&").replaceAll("%", "%%");
  return /^[\w@./:=+,-]+$/.test(word) ? word : `"${escaped}"`;
}

/** Puts both programs into the list; answers what was written. */
export function installEntries(
  folders: EntryFolders,
  commandOf: (app: DesktopApp) => readonly string[],
  icons: Readonly<Record<DesktopApp, string>>,
): readonly string[] {
  for (const folder of [folders.applications, folders.icons]) mkdirSync(folder, { recursive: true });
  return DESKTOP_APPS.flatMap((app) => {
    const { entry, icon } = filesOf(folders, app);
    writeFileSync(entry, desktopEntry(app, commandOf(app)), { mode: 0o644 });
    copyFileSync(icons[app], icon);
    return [entry, icon];
  });
}

/** Takes both out again; answers what was removed. */
export function uninstallEntries(folders: EntryFolders): readonly string[] {
  const files = DESKTOP_APPS.flatMap((app) => Object.values(filesOf(folders, app)));
  const there = files.filter((file) => existsSync(file));
  for (const file of there) rmSync(file);
  return there;
}

const filesOf = ({ applications, icons }: EntryFolders, app: DesktopApp) => ({
  entry: join(applications, `bitfleet-${app}.desktop`),
  icon: join(icons, `bitfleet-${app}.png`),
});
