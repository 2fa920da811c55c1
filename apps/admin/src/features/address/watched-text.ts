import type { WatchBody } from "@bitfleet/api/rest/watch.ts";
import { holdsExtendedPrivateKey } from "@bitfleet/api/secrets.ts";
import { readExtendedKey } from "./extended-key.ts";

/** What somebody enters to look at: an address, descriptors, or an extended public key. */
export type Entry =
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "descriptors"; readonly descriptors: readonly string[] }
  | { readonly kind: "problem"; readonly problem: "empty" | "private" | "many" | "long" | "checksum" };

/** As the node has it. */
const DESCRIPTORS_MAX = 20;
const LENGTH_MAX = 3000;
/** Single private keys in the import format. */
const PRIVATE = /(?:^|[(,\s])[5KL9c][1-9A-HJ-NP-Za-km-z]{50,51}(?:$|[),#\s])/;
/** With or without its origin in front and steps behind. */
const EXTENDED =
  /^(\[[0-9a-fA-F]{8}(?:\/\d+['hH]?)*\])?([a-zA-Z]pub[1-9A-HJ-NP-Za-km-z]{40,})((?:\/\d+|\/<\d+(?:;\d+)+>)*(?:\/\*)?)$/;

/** Reads what was entered. What has a private key in it goes no further than this. */
export function readEntry(text: string): Entry {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const [first] = lines;
  if (first === undefined) return { kind: "problem", problem: "empty" };
  if (holdsExtendedPrivateKey(text) || PRIVATE.test(text)) return { kind: "problem", problem: "private" };
  if (lines.length === 1 && /^[0-9a-zA-Z]{14,100}$/.test(first) && !/^[a-zA-Z]pub/.test(first)) {
    return { kind: "address", address: first };
  }
  const descriptors: string[] = [];
  for (const line of lines) {
    const own = descriptorsOf(line);
    if (own === undefined) return { kind: "problem", problem: "checksum" };
    descriptors.push(...own);
  }
  if (descriptors.length > DESCRIPTORS_MAX) return { kind: "problem", problem: "many" };
  if (descriptors.some((one) => one.length > LENGTH_MAX)) return { kind: "problem", problem: "long" };
  return { kind: "descriptors", descriptors };
}

/** The descriptors that a line stands for; an extended key is looked at as each kind of address that it may be for. */
function descriptorsOf(line: string): readonly string[] | undefined {
  const [, origin = "", key, steps = ""] = EXTENDED.exec(line) ?? [];
  if (key === undefined) return [line.replaceAll(/\s/g, "")];
  const read = readExtendedKey(key);
  if (read === undefined) return undefined;
  const path = `${origin}${read.text}${steps === "" ? "/<0;1>/*" : steps}`;
  if (read.kind === "wpkh") return [`wpkh(${path})`];
  if (read.kind === "sh-wpkh") return [`sh(wpkh(${path}))`];
  return [`wpkh(${path})`, `tr(${path})`, `sh(wpkh(${path}))`, `pkh(${path})`];
}

/** The same as the node is asked for it. */
export function watchBodyOf(descriptors: readonly string[], gap: number | undefined): WatchBody {
  return { descriptors: descriptors.map((descriptor) => ({ descriptor, ...(gap !== undefined && { gap }) })) };
}
