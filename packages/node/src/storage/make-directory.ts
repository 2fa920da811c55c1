import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * Makes a directory and those above it that are missing; nothing where it is there. Throws the system's error. Node's own recursive
 * `mkdir` tries for ever where a system says of a directory that is there that it is not, as `/proc` of Linux does.
 */
export function makeDirectory(path: string): void {
  for (const one of missingOf(resolve(path))) {
    try {
      mkdirSync(one);
    } catch (error) {
      // Somebody else may have made it just now.
      if (!statSync(one, { throwIfNoEntry: false })?.isDirectory()) throw error;
    }
  }
}

/** What is to be made, the outermost first; the path itself always, so that a file in its place is noticed. */
function missingOf(path: string): readonly string[] {
  const above = dirname(path);
  return above === path || existsSync(above) ? [path] : [...missingOf(above), path];
}
