import { readSlip132 } from "../keys/slip132.ts";
import { COSIGNERS_MAX, type Cosigner, cosignerText, type SharedFacts } from "./shared-wallet.ts";

/** Shared wallets as files of signing devices, in the form of Coldcard's, which Passport, Keystone, Jade, Sparrow and others read and write too. */

/** What signing devices show of a wallet's name. */
const NAME_LENGTH_MAX = 20;

/** The wallet for signing devices: they keep it, and know from then on what belongs to the wallet. */
export function sharedDeviceFile(name: string, { required, cosigners }: SharedFacts): string {
  const plain = name
    .normalize("NFKD")
    .replace(/[^\x20-\x7e]/gu, "")
    .trim();
  const lines = [
    `Name: ${plain.slice(0, NAME_LENGTH_MAX).trim() || "Shared wallet"}`,
    `Policy: ${required} of ${cosigners.length}`,
    "Format: P2WSH",
  ];
  for (const { key, fingerprint = "", path } of cosigners)
    lines.push("", `Derivation: m${path.replaceAll("h", "'")}`, `${fingerprint.toUpperCase()}: ${key}`);
  return `${lines.join("\n")}\n`;
}

/** By the names that there are of them; keys stand in the order of their bytes in all of them (BIP67). */
const FORMATS: ReadonlyMap<string, (inner: string) => string> = new Map([
  ["P2WSH", (inner) => `wsh(${inner})`],
  ["P2SH-P2WSH", (inner) => `sh(wsh(${inner}))`],
  ["P2WSH-P2SH", (inner) => `sh(wsh(${inner}))`],
  ["P2SH", (inner) => `sh(${inner})`],
]);

/** Whether a text is such a file, right or not. */
export const isDeviceFile = (text: string): boolean =>
  text.split("\n").some((line) => fieldOf(line)[0].toLowerCase() === "policy");

/** Name and value of a line; "" for the name of others. By hand: a pattern takes seconds for a line of spaces. */
function fieldOf(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0)).trim();
  return name.includes("#") ? ["", ""] : [name, line.slice(colon + 1).trim()];
}

/** The descriptor of the wallet that such a file is of, without checksum; or why it is none, in a sentence. */
export function descriptorOfDeviceFile(text: string): { readonly descriptor: string } | { readonly error: string } {
  let policy: readonly [required: number, count: number] | undefined;
  let format = "P2SH";
  let path = "";
  const cosigners: Cosigner[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const [name, value] = fieldOf(line);
    if (name === "") continue;
    const error = { error: `Line ${index + 1} of the file cannot be read: export the wallet once more.` };
    switch (name.toLowerCase()) {
      case "name":
        break;
      case "policy": {
        const [, required, count] = /^(\d{1,2})\s*(?:of|\/)\s*(\d{1,2})$/iu.exec(value) ?? [];
        if (required === undefined || count === undefined) return error;
        policy = [Number(required), Number(count)];
        break;
      }
      case "format":
        format = value.toUpperCase();
        break;
      case "derivation":
        path = value.replace(/^m/iu, "").replace(/['H]/gu, "h");
        if (!/^(?:\/\d{1,10}h?)*$/u.test(path)) return error;
        break;
      default: {
        const key = readSlip132(value);
        if (!/^[0-9a-f]{8}$/iu.test(name) || key === undefined || key.isPrivate) return error;
        if (cosigners.length === COSIGNERS_MAX) return { error: `The file has more than ${COSIGNERS_MAX} keys.` };
        cosigners.push({ key: key.text, fingerprint: name.toLowerCase(), path });
      }
    }
  }
  const wrap = FORMATS.get(format);
  if (wrap === undefined)
    return { error: "The file is of a wallet with another kind of addresses than this app knows." };
  if (policy === undefined || policy[1] !== cosigners.length || policy[0] < 1 || policy[0] > policy[1])
    return { error: "The file has another number of keys than it says: export the wallet once more." };
  const keys = cosigners.map((one) => `${cosignerText(one)}/<0;1>/*`).join(",");
  return { descriptor: wrap(`sortedmulti(${policy[0]},${keys})`) };
}
