import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

/** Every way in which a secret might stand in a file: as text of one or two bytes a character, and in hex or base64 of either. */
function formsOf(secret: string): readonly Buffer[] {
  const texts = [Buffer.from(secret), Buffer.from(secret, "utf16le"), Buffer.from(secret, "utf16le").swap16()];
  const encoded = texts.slice(0, 2).flatMap((bytes) => [bytes.toString("hex"), ...base64Parts(bytes)]);
  const written = encoded.flatMap((text) => [text, text.toUpperCase()]);
  return [...texts, ...written.flatMap((text) => [Buffer.from(text), Buffer.from(text, "utf16le")])];
}

/** Base64 of bytes depends on where they begin: what is the same for each of the three places. */
function base64Parts(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replaceAll("=", "");
    return text.slice(before === 0 ? 0 : before + 1, -2);
  });
}

/** Which secrets stand in which files below a folder, "name in file". */
export function findPlaintext(folder: string, secrets: Readonly<Record<string, string>>): string[] {
  const wanted = Object.entries(secrets).map(([name, secret]) => ({ name, forms: formsOf(secret) }));
  const files = readdirSync(folder, { recursive: true }).map((file) => path.join(folder, String(file)));
  return files.flatMap((file) => {
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return [];
    const bytes = readFileSync(file);
    const found = wanted.filter(({ forms }) => forms.some((form) => bytes.includes(form)));
    return found.map(({ name }) => `${name} in ${path.relative(folder, file)}`);
  });
}
