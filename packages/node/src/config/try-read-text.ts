import { readFileSync } from "node:fs";

/** A file as text, or the system's code of why it cannot be read (`ENOENT` where there is none). */
export function tryReadText(path: string): string | { readonly code: string } {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code ?? "" };
  }
}
