import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Browsers that know `--app`, as they are called on the PATH. */
const NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "microsoft-edge",
  "microsoft-edge-stable",
  "brave-browser",
  "vivaldi",
];
const MAC_PATHS = ["Google Chrome", "Chromium", "Microsoft Edge", "Brave Browser"].map(
  (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
);
const WINDOWS_PATHS = [
  "Google\\Chrome\\Application\\chrome.exe",
  "Microsoft\\Edge\\Application\\msedge.exe",
  "BraveSoftware\\Brave-Browser\\Application\\brave.exe",
];
const WINDOWS_FOLDERS = ["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"];
const SCRIPT_BYTES_MAX = 65_536;

/** The program of an installed browser of the Chromium family; BITFLEET_CHROMIUM names another. */
export function findChromium(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const { BITFLEET_CHROMIUM: named } = environment;
  if (named !== undefined && named !== "") return isProgram(named) ? named : undefined;
  return placesOf(environment, platform).find((path) => isProgram(path) && !isSnap(path));
}

function placesOf(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): readonly string[] {
  if (platform === "darwin") return MAC_PATHS;
  if (platform === "win32") {
    const folders = WINDOWS_FOLDERS.flatMap((name) => environment[name] ?? []);
    return folders.flatMap((folder) => WINDOWS_PATHS.map((path) => `${folder}\\${path}`));
  }
  const folders = (environment.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** A snap may not write where our profile is: it is one itself, or a script that starts one. */
function isSnap(path: string): boolean {
  try {
    if (/^\/snap\/|\/snap$/.test(realpathSync(path))) return true;
    const text = readFileSync(path).subarray(0, SCRIPT_BYTES_MAX).toString("latin1");
    return text.startsWith("#!") && text.includes("/snap/bin");
  } catch {
    return false;
  }
}
