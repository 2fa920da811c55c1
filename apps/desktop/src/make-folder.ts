import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder with those that it lies in, where they are missing. Node's own way of doing that does not end where the system says of a new folder
 * that it lies in none, as below /proc. Throws `Error` with a few words that name the place and say why.
 */
export function makeFolder(folder: string, mode = 0o777): void {
  const missing: string[] = [];
  for (let one = folder; !isFolder(one); one = dirname(one)) {
    missing.push(one);
    if (dirname(one) === one) break;
  }
  for (const one of missing.reverse()) {
    try {
      mkdirSync(one, { mode });
    } catch (error) {
      // Another process may have been quicker.
      if (!isFolder(one)) throw new Error(whyNotMade(one, error as NodeJS.ErrnoException));
    }
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function whyNotMade(folder: string, error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "EEXIST":
    case "ENOTDIR":
      return `${folder} is there already and is no folder`;
    case "ENOENT":
      return `the system lets nobody make ${folder}`;
    case "EACCES":
    case "EPERM":
      return `you may not make ${folder}`;
    case "EROFS":
      return `${folder} would be on a disk that cannot be written to`;
    case "ENOSPC":
      return `there is no room for ${folder} on its disk`;
    default:
      return error.message;
  }
}
