import { copyFileSync, existsSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";
import { APP_NAMES, DESKTOP_APPS, type DesktopApp } from "../apps.ts";

/** Where this user's list of programs is, by the desktop's specifications. */
export interface EntryFolders {
  readonly applications: string;
  /** Of the theme that all others fall back on; below it a folder for each size. */
  readonly icons: string;
}

/** Sides of the icons, in pixels; the file of the first size has no size in its name. */
export const ICON_SIZES = [192, 16, 24, 32, 48, 64, 128, 256, 512] as const;

export function entryFolders(environment: NodeJS.ProcessEnv = process.env, home = homedir()): EntryFolders {
  const { XDG_DATA_HOME: named = "" } = environment;
  const data = isAbsolute(named) ? named : join(home, ".local/share");
  return { applications: join(data, "applications"), icons: join(data, "icons/hicolor") };
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

/** Puts both programs into the list; answers what was written. */
export function installEntries(
  folders: EntryFolders,
  commandOf: (app: DesktopApp) => readonly string[],
  icons: Readonly<Record<DesktopApp, string>>,
): readonly string[] {
  return DESKTOP_APPS.flatMap((app) => {
    const text = desktopEntry(app, commandOf(app));
    const { entry, icons: wanted } = filesOf(folders, app);
    mkdirSync(dirname(entry), { recursive: true });
    writeFileSync(entry, text, { mode: 0o644 });
    const written = wanted.filter(({ size, file }) => {
      const drawn = iconOfSize(icons[app], size);
      if (!existsSync(drawn)) return false;
      mkdirSync(dirname(file), { recursive: true });
      copyFileSync(drawn, file);
      return true;
    });
    return [entry, ...written.map(({ file }) => file)];
  });
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
