import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { decodeAddress } from "@bitfleet/protocol/script/address.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GENESIS, mineMany, submitAll } from "./chain/test-kit.ts";
import { ConfigError } from "./config/settings.ts";
import { miningScriptOf, openOwnWallet } from "./start-own-wallet.ts";
import { mineTo, openTestWallets, receiveScript } from "./wallets/test-kit.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bitfleet-own-wallet-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const OWN = { ownName: "miner", passphraseFile: undefined, mnemonicFile: undefined, addressType: "bech32" } as const;

test("a node without one has none", async () => {
  const tools = await openTestWallets(folder);
  expect(await openOwnWallet({ ...OWN, ownName: undefined }, tools)).toBeUndefined();
  expect(tools.manager.all()).toEqual([]);
  await tools.close();
});

test("it is made once, and what is mined goes to one address of it, at every start", async () => {
  const first = await openTestWallets(folder);
  const wallet = (await openOwnWallet(OWN, first))!;
  // Others that are given out do not take its place.
  receiveScript(wallet, "shop");
  const script = miningScriptOf(wallet, "bech32");
  receiveScript(wallet, "");
  expect(await openOwnWallet(OWN, first)).toBe(wallet);
  await first.close();

  const again = await openTestWallets(folder);
  const loaded = (await openOwnWallet(OWN, again))!;
  expect(toHex(miningScriptOf(loaded, "bech32"))).toBe(toHex(script));
  expect(again.manager.all()).toEqual([loaded]);
  await again.close();
});

test("its keys are locked where a passphrase is given, and it gives addresses out all the same", async () => {
  const passphraseFile = join(folder, "passphrase");
  writeFileSync(passphraseFile, "correct horse\n");
  const tools = await openTestWallets(folder);
  const wallet = (await openOwnWallet({ ...OWN, passphraseFile }, tools))!;
  expect(wallet.isLocked).toBe(true);
  expect(miningScriptOf(wallet, "bech32m")).toHaveLength(34);
  await tools.close();
});

test("a wallet that gives out no addresses cannot be mined to", async () => {
  const tools = await openTestWallets(folder);
  await tools.manager.create({ name: "miner", isBlank: true });
  const wallet = (await openOwnWallet(OWN, tools))!;
  expect(() => miningScriptOf(wallet, "bech32")).toThrow(
    /^The wallet "miner" has no address to mine to \(.*\); name one with -miningaddress\.$/,
  );
  await tools.close();
});

test("it is made where a process that made it was killed before it was whole, and nowhere else", async () => {
  const tools = await openTestWallets(folder);
  const place = join(folder, "wallets", "miner");
  mkdirSync(place, { recursive: true });
  for (const name of ["wallet.dat.new", "wallet.dat.new-wal"]) writeFileSync(join(place, name), "half of it");
  // Somebody is about to put it back.
  writeFileSync(join(place, "wallet.dat-wal"), "");
  await expect(openOwnWallet(OWN, tools)).rejects.toThrow("Data is not in recognized format");
  rmSync(join(place, "wallet.dat-wal"));
  expect((await openOwnWallet(OWN, tools))!.name).toBe("miner");
  await tools.close();
});

test("a file that is no wallet ends the start with its sentence", async () => {
  const tools = await openTestWallets(folder);
  const damaged = join(folder, "wallets", "damaged");
  mkdirSync(damaged, { recursive: true });
  writeFileSync(join(damaged, "wallet.dat"), "nothing");
  await expect(openOwnWallet({ ...OWN, ownName: "damaged" }, tools)).rejects.toThrow(
    /^The wallet "damaged" of -walletfile \(WALLET_FILE\) cannot be had: /,
  );
  await tools.close();
});

test("where its file takes a passphrase that is not the right one, or none is given, the start ends and says what to do", async () => {
  const tools = await openTestWallets(folder, { passphraseScope: "file" });
  const passphraseFile = join(folder, "passphrase");
  writeFileSync(passphraseFile, "correct horse\n");
  const wallet = (await openOwnWallet({ ...OWN, passphraseFile }, tools))!;
  await tools.manager.unload(wallet);
  writeFileSync(passphraseFile, "battery staple\n");
  await expect(openOwnWallet({ ...OWN, passphraseFile }, tools)).rejects.toThrow(
    `Check it and try again. It was read from ${passphraseFile}, which -walletpassphrasefile names.`,
  );
  await expect(openOwnWallet(OWN, tools)).rejects.toThrow("Name a file that holds it with -walletpassphrasefile.");
  await tools.close();
});

describe("from a recovery phrase", () => {
  // BIP39's first vector; the address is BIP84's first of it on a test network, as other wallets have it.
  const WORDS = `${"abandon ".repeat(11)}about`;
  const ADDRESS = "tb1q6rz28mcfaxtmd6v789l9rrlrusdprr9pqcpvkl";
  const OTHER_WORDS = `${"zoo ".repeat(11)}wrong`;

  const phraseFile = (text: string) => {
    const path = join(folder, "phrase");
    writeFileSync(path, text);
    return { ...OWN, ownName: "treasury", mnemonicFile: path };
  };
  const firstScript = () => {
    const decoded = decodeAddress(ADDRESS, networkByName("test")!.addressPrefixes);
    if ("error" in decoded) throw new Error(decoded.error);
    return decoded.script;
  };
  /** Three blocks long before the wallet's own time: the first pays to the phrase. */
  const oldBlocks = () => {
    const paid = mineTo(GENESIS, firstScript());
    return [paid, ...mineMany(paid, 2)];
  };

  test("the wallet has the addresses that other wallets have of it, and mines to the first", async () => {
    const tools = await openTestWallets(folder);
    const wallet = (await openOwnWallet(phraseFile(`  ${WORDS.toUpperCase().replace(" ", "\n")}\n`), tools))!;
    expect(toHex(miningScriptOf(wallet, "bech32"))).toBe(toHex(firstScript()));
    expect(toHex(receiveScript(wallet))).not.toBe(toHex(firstScript()));
    expect(wallet.birthTime).toBe(1);
    expect(tools.log.lines.join()).not.toMatch(/abandon/i);
    await tools.close();
  });

  test("it finds what the chain has paid to it, and its address to mine to is still the first", async () => {
    const tools = await openTestWallets(folder);
    await submitAll(tools.chain, oldBlocks());
    tools.clock.seconds = GENESIS.block.header.time + 100_000_000;
    const wallet = (await openOwnWallet(phraseFile(WORDS), tools))!;
    expect([...wallet.ledger.coins(firstScript())]).toHaveLength(1);
    expect(toHex(miningScriptOf(wallet, "bech32"))).toBe(toHex(firstScript()));
    await tools.close();
  });

  test("it finds what comes to the chain later, across a restart too", async () => {
    const first = await openTestWallets(folder);
    const [paid, ...rest] = oldBlocks();
    first.clock.seconds = GENESIS.block.header.time + 100_000_000;
    expect((await openOwnWallet(phraseFile(WORDS), first))!.bestBlock.height).toBe(0);
    await submitAll(first.chain, [paid!]);
    expect([...first.manager.get("treasury")!.ledger.coins(firstScript())]).toHaveLength(1);
    await first.close();
    const again = await openTestWallets(folder);
    await submitAll(again.chain, rest);
    const wallet = (await openOwnWallet(phraseFile(WORDS), again))!;
    expect(wallet.bestBlock.height).toBe(3);
    expect([...wallet.ledger.coins(firstScript())]).toHaveLength(1);
    await again.close();
  });

  test("one that is there is not made again; a file that is gone by then is only warned of", async () => {
    const first = await openTestWallets(folder);
    await openOwnWallet(phraseFile(WORDS), first);
    await first.close();
    const again = await openTestWallets(folder);
    const wallet = (await openOwnWallet(phraseFile(OTHER_WORDS), again))!;
    expect(toHex(miningScriptOf(wallet, "bech32"))).toBe(toHex(firstScript()));
    const warning = () => again.log.lines.filter((line) => line.includes("-walletmnemonicfile"));
    expect(warning()).toEqual([]);
    const gone = { ...phraseFile(""), mnemonicFile: join(folder, "gone") };
    expect(await openOwnWallet(gone, again)).toBe(wallet);
    expect(warning()).toEqual([
      expect.stringMatching(
        /gone of -walletmnemonicfile .* cannot be read \(ENOENT\)\. The wallet "treasury" is there/,
      ),
    ]);
    await again.close();
  });

  test("with a passphrase its keys are locked from the start", async () => {
    const tools = await openTestWallets(folder);
    const passphraseFile = join(folder, "passphrase");
    writeFileSync(passphraseFile, "correct horse\n");
    const wallet = (await openOwnWallet({ ...phraseFile(WORDS), passphraseFile }, tools))!;
    expect(wallet.isLocked).toBe(true);
    expect(toHex(miningScriptOf(wallet, "bech32"))).toBe(toHex(firstScript()));
    await tools.close();
  });

  test.each([
    [WORDS.split(" ").slice(1).join(" "), "A recovery phrase has 12, 15, 18, 21 or 24 words, not 11."],
    [
      WORDS.replace("about", "abandon"),
      "All words are known, but they do not fit together: one is another one, or two are swapped.",
    ],
    [WORDS.replace("about", "secretly"), "Word 12 is none of the word list."],
    ["", "A recovery phrase has 12, 15, 18, 21 or 24 words, not 0."],
  ])("what is no phrase ends the start and shows no word of it: %s", async (text, reason) => {
    const tools = await openTestWallets(folder);
    const options = phraseFile(text);
    const expected = `The file ${options.mnemonicFile} of -walletmnemonicfile (WALLET_MNEMONIC_FILE) holds no recovery phrase: ${reason}`;
    await expect(openOwnWallet(options, tools)).rejects.toThrow(new ConfigError(expected));
    expect(existsSync(join(folder, "wallets", "treasury"))).toBe(false);
    await tools.close();
  });

  test("a file that is not there ends the start where the wallet is not there either", async () => {
    const tools = await openTestWallets(folder);
    const options = { ...phraseFile(WORDS), mnemonicFile: join(folder, "gone") };
    await expect(openOwnWallet(options, tools)).rejects.toThrow(
      /gone of -walletmnemonicfile .* cannot be read \(ENOENT\)\.$/,
    );
    await tools.close();
  });
});
