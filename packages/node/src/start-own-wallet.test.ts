import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { miningScriptOf, openOwnWallet } from "./start-own-wallet.ts";
import { openTestWallets, receiveScript } from "./wallets/test-kit.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bitfleet-own-wallet-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const OWN = { ownName: "miner", passphraseFile: undefined };

test("a node without one has none", async () => {
  const { manager, close } = await openTestWallets(folder);
  expect(await openOwnWallet(manager, { ...OWN, ownName: undefined })).toBeUndefined();
  expect(manager.all()).toEqual([]);
  await close();
});

test("it is made once, and what is mined goes to one address of it, at every start", async () => {
  const first = await openTestWallets(folder);
  const wallet = (await openOwnWallet(first.manager, OWN))!;
  // Others that are given out do not take its place.
  receiveScript(wallet, "shop");
  const script = miningScriptOf(wallet, "bech32");
  receiveScript(wallet, "");
  expect(await openOwnWallet(first.manager, OWN)).toBe(wallet);
  await first.close();

  const again = await openTestWallets(folder);
  const loaded = (await openOwnWallet(again.manager, OWN))!;
  expect(toHex(miningScriptOf(loaded, "bech32"))).toBe(toHex(script));
  expect(again.manager.all()).toEqual([loaded]);
  await again.close();
});

test("its keys are locked where a passphrase is given, and it gives addresses out all the same", async () => {
  const passphraseFile = join(folder, "passphrase");
  writeFileSync(passphraseFile, "correct horse\n");
  const { manager, close } = await openTestWallets(folder);
  const wallet = (await openOwnWallet(manager, { ...OWN, passphraseFile }))!;
  expect(wallet.isLocked).toBe(true);
  expect(miningScriptOf(wallet, "bech32m")).toHaveLength(34);
  await close();
});

test("a wallet that gives out no addresses cannot be mined to", async () => {
  const { manager, close } = await openTestWallets(folder);
  await manager.create({ name: "miner", isBlank: true });
  const wallet = (await openOwnWallet(manager, OWN))!;
  expect(() => miningScriptOf(wallet, "bech32")).toThrow(
    /^The wallet "miner" has no address to mine to \(.*\); name one with -miningaddress\.$/,
  );
  await close();
});

test("a file that is no wallet ends the start with its sentence", async () => {
  const { manager, close } = await openTestWallets(folder);
  const damaged = join(folder, "wallets", "damaged");
  mkdirSync(damaged, { recursive: true });
  writeFileSync(join(damaged, "wallet.dat"), "nothing");
  await expect(openOwnWallet(manager, { ...OWN, ownName: "damaged" })).rejects.toThrow(
    /^The wallet "damaged" of -walletfile \(WALLET_FILE\) cannot be had: /,
  );
  await close();
});

test("where its file takes a passphrase that is not the right one, or none is given, the start ends and says what to do", async () => {
  const { manager, close } = await openTestWallets(folder, { passphraseScope: "file" });
  const passphraseFile = join(folder, "passphrase");
  writeFileSync(passphraseFile, "correct horse\n");
  const wallet = (await openOwnWallet(manager, { ...OWN, passphraseFile }))!;
  await manager.unload(wallet);
  writeFileSync(passphraseFile, "battery staple\n");
  await expect(openOwnWallet(manager, { ...OWN, passphraseFile })).rejects.toThrow(
    `Check it and try again. It was read from ${passphraseFile}, which -walletpassphrasefile names.`,
  );
  await expect(openOwnWallet(manager, OWN)).rejects.toThrow("Name a file that holds it with -walletpassphrasefile.");
  await close();
});
