import { readdirSync, readFileSync } from "node:fs";
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

/** Which secrets stand in which files below a folder, "name in file". Who writes there may remove files meanwhile. */
export function findPlaintext(folder: string, secrets: Readonly<Record<string, string>>): string[] {
  const wanted = Object.entries(secrets).map(([name, secret]) => ({ name, forms: formsOf(secret) }));
  return filesBelow(folder).flatMap((file) => {
    const bytes = unlessGone(() => readFileSync(file));
    if (bytes === undefined) return [];
    const found = wanted.filter(({ forms }) => forms.some((form) => bytes.includes(form)));
    return found.map(({ name }) => `${name} in ${path.relative(folder, file)}`);
  });
}

function filesBelow(folder: string): string[] {
  const entries = unlessGone(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  return entries.flatMap((entry) => {
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(place);
    return entry.isFile() ? [place] : [];
  });
}

function unlessGone<Found>(look: () => Found): Found | undefined {
  try {
    return look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
