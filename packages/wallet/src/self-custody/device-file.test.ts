import { MAINNET } from "@bitfleet/protocol/consensus/networks.ts";
import { nobleSecp256k1 as secp256k1 } from "@bitfleet/protocol/crypto/noble-secp256k1.ts";
import { expect, test } from "vitest";
import { descriptorOfDeviceFile, isDeviceFile, sharedDeviceFile } from "./device-file.ts";
import { type Cosigner, phraseCosigner, sharedDescriptor } from "./shared-wallet.ts";
import { readWatchedText } from "./watched-text.ts";

const prefixes = MAINNET.addressPrefixes;
const phrases = [
  `${"abandon ".repeat(11)}about`,
  "legal winner thank year wave sausage worth useful legal winner thank yellow",
];
const cosigners = phrases.map((words) => phraseCosigner({ words, passphrase: "" }, 0, prefixes));

test("as a file for signing devices: each key behind its path, under a name that they can show", () => {
  const [first, second] = cosigners as [Cosigner, Cosigner];
  const facts = { required: 1, cosigners: [first, { ...second, path: "/48h/0h/9h/2h" }] };
  expect(sharedDeviceFile("Über uns, and a bit more than fits", facts)).toBe(
    [
      "Name: Uber uns, and a bit",
      "Policy: 1 of 2",
      "Format: P2WSH",
      "",
      "Derivation: m/48'/0'/0'/2'",
      `73C5DA0A: ${first.key}`,
      "",
      "Derivation: m/48'/0'/9'/2'",
      `B8688DF1: ${second.key}`,
      "",
    ].join("\n"),
  );
  expect(sharedDeviceFile("共同", facts)).toMatch(/^Name: Shared wallet\n/);
});

function refusal(text: string): string {
  const read = descriptorOfDeviceFile(text);
  return "error" in read ? read.error : "";
}

test("is watched as its descriptor is", () => {
  const file = sharedDeviceFile("Together", { required: 2, cosigners });
  const read = readWatchedText(file, { prefixes, secp256k1 });
  const meant = readWatchedText(sharedDescriptor(2, cosigners), { prefixes, secp256k1 });
  if ("error" in read || "error" in meant) throw new Error(JSON.stringify(read));
  expect(read.kind).toBe("descriptor");
  expect(read.firstAddress).toBe(meant.firstAddress);
  // As Coldcard writes it: comments, one path for all, other line ends, a key of SLIP132.
  const [first, second] = cosigners as [Cosigner, Cosigner];
  const theirs = [
    "# Coldcard Multisig setup file (created on 0F056943)",
    "#",
    "Name: CC-2-of-2",
    "Policy: 2 of 2",
    "Derivation: m/48'/0'/0'/2'",
    "Format: P2WSH",
    "",
    `73C5DA0A: ${first.key}`,
    `b8688df1: ${second.key}`,
  ].join("\r\n");
  expect(readWatchedText(theirs, { prefixes, secp256k1 })).toMatchObject({ firstAddress: meant.firstAddress });
  const older = readWatchedText(theirs.replace("P2WSH", "P2WSH-P2SH"), { prefixes, secp256k1 });
  expect(older).toMatchObject({ firstAddress: expect.stringMatching(/^3/) });
});

test("is refused where it is not whole", () => {
  const file = sharedDeviceFile("Together", { required: 2, cosigners });
  expect(isDeviceFile(file)).toBe(true);
  expect(isDeviceFile(sharedDescriptor(2, cosigners))).toBe(false);
  expect(refusal(file)).toBe("");
  expect(refusal(file.replace("2 of 2", "2 of 3"))).toMatch(/another number of keys/);
  expect(refusal(file.replace("2 of 2", "3 of 2"))).toMatch(/another number of keys/);
  expect(refusal(file.replace("2 of 2", "all"))).toMatch(/Line 2 of the file/);
  expect(refusal(file.replace("P2WSH", "P2TR"))).toMatch(/another kind of addresses/);
  expect(refusal(file.replace("73C5DA0A", "73C5DA"))).toMatch(/Line 6 of the file/);
  expect(refusal(file.replace("m/48'", "m/x'"))).toMatch(/Line 5 of the file/);
  expect(refusal(`Policy: 1 of 16\n${`73C5DA0A: ${cosigners[0]!.key}\n`.repeat(16)}`)).toMatch(/more than 15 keys/);
});
