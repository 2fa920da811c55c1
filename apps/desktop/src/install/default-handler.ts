import { readFileSync, realpathSync, statSync } from "node:fs";
import { replaceFile } from "@bitfleet/node/storage/replace-file.ts";

/** Sections of the desktop's list of which program opens what, in which a program may be named by install. */
const SECTIONS = new Set(["Default Applications", "Added Associations"]);

/** Who may do what with a file: of its mode without its kind. */
const MODE_BITS = 0o7777;

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
export async function removeHandler(file: string, type: string, entry: string): Promise<boolean> {
  const path = whereItIs(file);
  if (path === undefined) return false;
  const before = readFileSync(path, "latin1");
  const after = withoutHandler(before, type, entry);
  if (after === before) return false;
  await replaceFile(path, Buffer.from(after, "latin1"), statSync(path).mode & MODE_BITS);
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
