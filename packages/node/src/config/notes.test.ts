import { expect, test } from "vitest";
import { acceptedOptionNotes, testOptionWarnings } from "./notes.ts";
import { newSettingSources, parseCommandLine } from "./settings.ts";

function sourcesOf(...args: string[]) {
  const sources = newSettingSources();
  sources.network = "regtest";
  parseCommandLine(sources, args);
  return sources;
}

test.each([
  ["-i2psam=127.0.0.1:7656", /^Option -i2psam is accepted but has no effect\. I2P is not supported: /],
  ["-torcontrol=127.0.0.1:9051", /^Option -torcontrol is accepted but has no effect\. This node makes no Tor onion/],
  ["-listenonion=1", /^Option -listenonion is accepted but has no effect\. This node makes no Tor onion service/],
  ["-signer=cmd", /^Option -signer is accepted but has no effect\. External signers are not called: .*PSBTs\.$/],
  ["-dbbatchsize=550", /^Option -dbbatchsize is accepted but has no effect yet$/],
])("%s says what is missing", (arg, text) => {
  expect(acceptedOptionNotes(sourcesOf(arg))).toEqual([expect.stringMatching(text)]);
});

test.each([[[]], [["-listenonion=0"]], [["-nolistenonion"]], [["-noi2psam"]], [["-i2psam="]], [["-notorcontrol"]]])(
  "nothing is missed with %j",
  (args: string[]) => {
    expect(acceptedOptionNotes(sourcesOf(...args))).toEqual([]);
  },
);

test("test options that nobody knows", () => {
  expect(testOptionWarnings(sourcesOf("-test=addrman", "-test=bogus", "-test=bip94", "-test="))).toEqual([
    'Unrecognised option "bogus" provided in -test=<option>.',
    'Unrecognised option "" provided in -test=<option>.',
  ]);
});
