import { copyFileSync, existsSync, readdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";
import { APP_NAMES, DESKTOP_APPS, type DesktopApp } from "../apps.ts";
import { makeFolder } from "../make-folder.ts";

/** Where this user's list of programs is, by the desktop's specifications. */
export interface EntryFolders {
  readonly applications: string;
  /** Of the theme that all others fall back on; below it a folder for each size. */
  readonly icons: string;
  /** Files in which xdg-mime notes which program opens what; the second one with some versions of KDE. */
  readonly handlers: readonly string[];
}

/** Sides of the icons, in pixels; the file of the first size has no size in its name. */
export const ICON_SIZES = [192, 16, 24, 32, 48, 64, 128, 256, 512] as const;

/** Throws `Error` where there is no home. */
export function entryFolders(environment: NodeJS.ProcessEnv = process.env, home = homedir()): EntryFolders {
  const inHome = (named = "", path: string) => {
    if (isAbsolute(named)) return named;
    if (isAbsolute(home)) return join(home, path);
    throw new Error("It is not known where your home is: HOME is not set, or no whole path. Set it and try again.");
  };
  const data = inHome(environment.XDG_DATA_HOME, ".local/share");
  const applications = join(data, "applications");
  const config = inHome(environment.XDG_CONFIG_HOME, ".config");
  return {
    applications,
    icons: join(data, "icons/hicolor"),
    handlers: [config, applications].map((folder) => join(folder, "mimeapps.list")),
  };
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
    "Categories=Office;Finance;",
    `StartupWMClass=bitfleet-${app}`,
    ...(isWallet ? ["MimeType=x-scheme-handler/bitcoin;"] : []),
  ];
  return `${lines.join("\n")}\n`;
}

/**
 * A word of an Exec line: quoted as its own rules say, with percent signs doubled that would be fields, and what comes out of that escaped once more as
 * every value of the file is. Throws `Error` where it cannot be written.
 */
function quoted(word: string): string {
  if (/^[\w@./:+,-]+$/.test(word)) return word;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what no entry can have
  if (/[\0-\x1f\x7f]/.test(word))
    throw new Error(`An entry cannot name ${JSON.stringify(word)}: move Bitfleet to another folder.`);
  const ofExec = word.replaceAll(/["`$\\]/g, "\\$&").replaceAll("%", "%%");
  return `"${ofExec.replaceAll("\\", "\\\\")}"`;
}

/** Puts both programs into the list; answers what was written. Throws `Error` with what to do. */
export function installEntries(
  folders: EntryFolders,
  commandOf: (app: DesktopApp) => readonly string[],
  icons: Readonly<Record<DesktopApp, string>>,
): readonly string[] {
  return DESKTOP_APPS.flatMap((app) => {
    const text = desktopEntry(app, commandOf(app));
    const { entry, icons: wanted } = filesOf(folders, app);
    write(entry, () => writeFileSync(entry, text, { mode: 0o644 }));
    const written = wanted.filter(({ size, file }) => {
      const drawn = iconOfSize(icons[app], size);
      if (!existsSync(drawn)) return false;
      write(file, () => copyFileSync(drawn, file));
      return true;
    });
    return [entry, ...written.map(({ file }) => file)];
  });
}

function write(file: string, put: () => void): void {
  try {
    makeFolder(dirname(file));
    put();
  } catch (error) {
    const why = (error as Error).message;
    throw new Error(`${file} cannot be written: ${why}. XDG_DATA_HOME names another place for such files.`);
  }
}

/** The file beside the usual one that has another size. */
const iconOfSize = (file: string, size: number) =>
  size === ICON_SIZES[0] ? file : join(dirname(file), `${basename(file, ".png")}-${size}.png`);

/** Takes both out again, with the folders that are empty then; answers what was removed. */
export function uninstallEntries(folders: EntryFolders): readonly string[] {
  const files = DESKTOP_APPS.flatMap((app) => {
    const { entry, icons } = filesOf(folders, app);
    return [entry, ...icons.map(({ file }) => file)];
  });
  const there = files.filter((file) => existsSync(file));
  for (const file of there) {
    rmSync(file);
    removeEmpty(dirname(file), dirname(folders.applications));
  }
  return there;
}

/** Takes away what update-desktop-database makes, where there are no entries any more that it would be of. */
export function removeCache({ applications }: EntryFolders): void {
  if (!existsSync(applications) || readdirSync(applications).join() !== CACHE) return;
  rmSync(join(applications, CACHE));
  removeEmpty(applications, dirname(applications));
}

const CACHE = "mimeinfo.cache";

/** Removes a folder with what it is in, as far as they are empty, up to `top`. */
function removeEmpty(folder: string, top: string): void {
  try {
    for (let one = folder; one.startsWith(`${top}/`); one = dirname(one)) rmdirSync(one);
  } catch {
    // There is something else in it.
  }
}

const filesOf = ({ applications, icons }: EntryFolders, app: DesktopApp) => ({
  entry: join(applications, `bitfleet-${app}.desktop`),
  icons: ICON_SIZES.map((size) => ({ size, file: join(icons, `${size}x${size}/apps/bitfleet-${app}.png`) })),
});
