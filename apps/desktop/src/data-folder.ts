import { chmodSync, lstatSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { makeFolder } from "./make-folder.ts";

/** Where this user's vault and the rest is kept. `environment` has the system's variables. Throws `Error` where there is no home. */
export function dataFolderDefault(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home = homedir(),
): string {
  // Anything but a whole path would be another folder wherever the program is started; by the base directory specification it is to be ignored.
  const inHome = (path: string) => {
    if (isAbsolute(home)) return join(home, path);
    throw new Error(
      "It is not known where your home is: HOME is not set, or no whole path. Name a folder with --data.",
    );
  };
  if (platform === "darwin") return inHome("Library/Application Support/Bitfleet");
  const { APPDATA: roaming = "", XDG_DATA_HOME: named = "" } = environment;
  if (platform === "win32") return join(isAbsolute(roaming) ? roaming : inHome("AppData/Roaming"), "Bitfleet");
  return join(isAbsolute(named) ? named : inHome(".local/share"), "bitfleet/desktop");
}

/** Makes the folder, and sees to it that it is this user's alone. Throws `Error` with what to do. */
export function prepareDataFolder(folder: string): void {
  try {
    makeFolder(folder, 0o700);
  } catch (error) {
    throw new Error(`The folder ${folder} cannot be made: ${(error as Error).message}. Name another with --data.`);
  }
  const { uid, mode } = statSync(folder);
  if (process.getuid !== undefined && uid !== process.getuid()) {
    throw new Error(`The folder ${folder} belongs to another user. Name one of your own with --data.`);
  }
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    // A link may lead to what others use.
    if (lstatSync(folder).isSymbolicLink()) {
      throw new Error(
        `Others can read the folder that ${folder} leads to. Run "chmod 700" on it, or name another with --data.`,
      );
    }
    chmodSync(folder, 0o700);
  }
}
