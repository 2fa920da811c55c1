import { chmodSync, lstatSync, mkdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** Where this user's vault and the rest is kept. `environment` has the system's variables. */
export function dataFolderDefault(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home = homedir(),
): string {
  if (platform === "darwin") return join(home, "Library/Application Support/Bitfleet");
  if (platform === "win32") return join(environment.APPDATA ?? join(home, "AppData/Roaming"), "Bitfleet");
  const { XDG_DATA_HOME: named = "" } = environment;
  // Anything but a whole path is to be ignored, by the base directory specification.
  return join(isAbsolute(named) ? named : join(home, ".local/share"), "bitfleet/desktop");
}

/** Makes the folder, and sees to it that it is this user's alone. Throws `Error` with what to do. */
export function prepareDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Error(`The folder ${folder} cannot be made (${(error as Error).message}). Name another with --data.`);
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
