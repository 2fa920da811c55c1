import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** Sections of the desktop's list of which program opens what, in which a program may be named by install. */
const SECTIONS = new Set(["Default Applications", "Added Associations"]);

/**
 * The list without the program `entry` as one that opens `type`. All other bytes stay, whoever has written them: the same text where it is not named.
 * `text` has a character for each byte.
 */
export function withoutHandler(text: string, type: string, entry: string): string {
  let section = "";
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return lines
    .map((line) => {
      section = /^\s*\[([^\]]*)\]/.exec(line)?.[1] ?? section;
      return SECTIONS.has(section) ? lineWithout(line, type, entry) : line;
    })
    .join("");
}

function lineWithout(line: string, type: string, entry: string): string {
  const [, start = "", value = "", end = ""] = /^([^=\n]*=)(.*?)(\r?\n?)$/.exec(line) ?? [];
  if (start.slice(0, -1).trim() !== type) return line;
  const names = value.split(";");
  const others = names.filter((name) => name.trim() !== entry);
  if (others.length === names.length) return line;
  return others.every((name) => name.trim() === "") ? "" : `${start}${others.join(";")}${end}`;
}

/** The same in a file, at once. Answers whether there was anything; throws what the system says. A link stays one, and the file's mode what it was. */
export function removeHandler(file: string, type: string, entry: string): boolean {
  const path = whereItIs(file);
  if (path === undefined) return false;
  const before = readFileSync(path, "latin1");
  const after = withoutHandler(before, type, entry);
  if (after === before) return false;
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}`);
  try {
    const descriptor = openSync(temporary, "wx", 0o600);
    try {
      writeSync(descriptor, Buffer.from(after, "latin1"));
      fchmodSync(descriptor, statSync(path).mode & 0o7777);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  return true;
}

function whereItIs(file: string): string | undefined {
  try {
    const path = realpathSync(file);
    return statSync(path).isFile() ? path : undefined;
  } catch {
    return undefined;
  }
}
