import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type NodeConfig, readConfig } from "./config.ts";

let dir: string;
beforeAll(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "bitfleet-config-wallet-")));
});
beforeEach(() => {
  for (const name of ["regtest", "elsewhere"]) rmSync(join(dir, name), { recursive: true, force: true });
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function read(...args: string[]): NodeConfig {
  const words = [`-datadir=${dir}`, ...(args.includes("-signet") ? [] : ["-regtest"]), ...args];
  const outcome = readConfig(words, { defaultDataDir: dir, workingDir: dir }, "0");
  if (outcome.action !== "run") throw new Error("expected a configuration to run");
  return outcome.config;
}
const wallet = (...args: string[]) => read(...args).wallet!;

test("without options wallets are Core's", () => {
  expect(wallet()).toEqual({
    directory: join(dir, "regtest/wallets"),
    names: undefined,
    ownName: undefined,
    fileProtection: "keyfile",
    passphraseFile: undefined,
    mnemonicFile: undefined,
    addressType: "bech32",
    changeType: undefined,
    keypoolSize: 1000,
    confirmTarget: 6,
    fees: {
      minFeerateSatPerKvb: 1000n,
      fallbackFeerateSatPerKvb: 0n,
      discardFeerateSatPerKvb: 10_000n,
      consolidateFeerateSatPerKvb: 10_000n,
      maxFeeSats: 10_000_000n,
      partialSpendFeeMaxSats: 0n,
    },
    avoidsPartialSpends: false,
    spendsUnconfirmedChange: true,
    signalsReplaceability: true,
    rejectsLongChains: true,
    ancestorCountMax: 25,
    descendantCountMax: 25,
    broadcasts: true,
    allowsOtherChains: false,
    waitsForDisk: true,
    notifyCommand: undefined,
    loadWarnings: [],
  });
});

test("-disablewallet leaves no wallets, looks at none of their options, and says what it passes over", () => {
  const config = read("-disablewallet", "-wallet=a", "-mintxfee=x", "-walletdir=none");
  expect(config.wallet).toBeUndefined();
  expect(config.logWarnings).toContain("Parameter interaction: -disablewallet -> ignoring -wallet=a");
  expect(read("-disablewallet=0").wallet).toBeDefined();
});

describe("the directory of wallets", () => {
  test("is wallets in the network's directory where that exists, else that directory, as in Core", () => {
    mkdirSync(join(dir, "regtest"));
    expect(wallet().directory).toBe(join(dir, "regtest"));
    mkdirSync(join(dir, "regtest/wallets"));
    expect(wallet().directory).toBe(join(dir, "regtest/wallets"));
  });

  test("may be another that exists, without its links", () => {
    mkdirSync(join(dir, "elsewhere"));
    symlinkSync(join(dir, "elsewhere"), join(dir, "link"));
    expect(wallet(`-walletdir=${dir}/elsewhere/`).directory).toBe(join(dir, "elsewhere"));
    expect(wallet(`-walletdir=${dir}/link`).directory).toBe(join(dir, "elsewhere"));
  });

  test("is refused where it is none, in Core's words", () => {
    writeFileSync(join(dir, "file"), "");
    expect(() => wallet("-walletdir=no-such")).toThrow('Specified -walletdir "no-such" does not exist');
    expect(() => wallet(`-walletdir=${dir}/file`)).toThrow(`Specified -walletdir "${dir}/file" is not a directory`);
    expect(() => wallet("-walletdir=.")).toThrow('Specified -walletdir "." is a relative path');
  });
});

describe("the wallets to load", () => {
  const INVALID =
    "Invalid value detected for '-wallet' or '-nowallet'. '-wallet' requires a string value, while '-nowallet' accepts only '1' to disable all wallets";
  const settings = (value: unknown) => {
    mkdirSync(join(dir, "regtest"), { recursive: true });
    writeFileSync(join(dir, "regtest/settings.json"), JSON.stringify({ wallet: value }));
  };

  test("are those of the command line, of settings.json and of the file, each once", () => {
    settings(["b", "c"]);
    const config = read("-wallet=a", "-wallet=b", "-wallet=");
    expect(config.wallet?.names).toEqual(["a", "b", "", "c"]);
    expect(config.warnings).toEqual(["Ignoring duplicate -wallet b."]);
  });

  test("are the same where their paths are", () => {
    expect(read("-wallet=a", `-wallet=${dir}/regtest/wallets/a`).warnings).toEqual([
      `Ignoring duplicate -wallet ${dir}/regtest/wallets/a.`,
    ]);
  });

  test("are none with -nowallet, whatever settings.json says, and those behind it", () => {
    settings(["b"]);
    expect(wallet("-nowallet").names).toEqual([]);
    expect(wallet("-nowallet", "-wallet=a").names).toEqual(["a"]);
  });

  test("are nobody's choice without any; an empty list in settings.json is one", () => {
    expect(wallet().names).toBeUndefined();
    settings([]);
    expect(wallet().names).toEqual([]);
  });

  test.each([[[10]], [[true]], [[[]]], [[{}]], [["w1", 10]], [["w1", false]], [5], [null]])(
    "settings.json with %j is refused",
    (value) => {
      settings(value);
      expect(() => wallet()).toThrow(INVALID);
    },
  );

  test("-nowallet takes 1 alone", () => {
    expect(() => wallet("-nowallet=0")).toThrow(INVALID);
    expect(() => wallet("-nowallet=not_a_boolean")).toThrow(INVALID);
    expect(wallet("-nowallet=1").names).toEqual([]);
  });
});

describe("types of addresses", () => {
  test.each(["legacy", "p2sh-segwit", "bech32", "bech32m"])("%s", (type) => {
    expect(wallet(`-addresstype=${type}`, `-changetype=${type}`)).toMatchObject({
      addressType: type,
      changeType: type,
    });
  });

  test("others are refused", () => {
    expect(() => wallet("-addresstype=unknown")).toThrow("Unknown address type 'unknown'");
    expect(() => wallet("-changetype=BECH32")).toThrow("Unknown change type 'BECH32'");
    expect(wallet("-addresstype=", "-changetype=")).toMatchObject({ addressType: "bech32", changeType: undefined });
  });
});

describe("fees", () => {
  test.each([
    ["-mintxfee=0.00002", { minFeerateSatPerKvb: 2000n }],
    ["-fallbackfee=0.0002", { fallbackFeerateSatPerKvb: 20_000n }],
    ["-discardfee=1", { discardFeerateSatPerKvb: 100_000_000n }],
    ["-consolidatefeerate=0", { consolidateFeerateSatPerKvb: 0n }],
    ["-maxtxfee=0.000025", { maxFeeSats: 2500n }],
    ["-maxapsfee=0.0000272", { partialSpendFeeMaxSats: 2720n }],
    ["-maxapsfee=-1", { partialSpendFeeMaxSats: -1n }],
  ])("%s", (arg, expected) => {
    expect(wallet(arg).fees).toMatchObject(expected);
  });

  test.each(["mintxfee", "maxapsfee", "fallbackfee", "discardfee", "maxtxfee", "consolidatefeerate"])(
    "-%s that is no amount is refused",
    (name) => {
      expect(() => wallet(`-${name}=-2`)).toThrow(`Invalid amount for -${name}=<amount>: '-2'`);
      expect(() => wallet(`-${name}=`)).toThrow(`Invalid amount for -${name}=<amount>: ''`);
    },
  );

  test.each([
    [
      "mintxfee",
      "0.01",
      "-mintxfee is set very high! This is the minimum transaction fee you pay on every transaction.",
    ],
    [
      "maxapsfee",
      "0.0001",
      "-maxapsfee is set very high! This is the maximum transaction fee you pay (in addition to the normal fee) to prioritize partial spend avoidance over regular coin selection.",
    ],
    [
      "fallbackfee",
      "0.01",
      "-fallbackfee is set very high! This is the transaction fee you may pay when fee estimates are not available.",
    ],
    [
      "discardfee",
      "0.01",
      "-discardfee is set very high! This is the transaction fee you may discard if change is smaller than dust at this level",
    ],
    ["maxtxfee", "1.00", "-maxtxfee is set very high! Fees this large could be paid on a single transaction."],
    [
      "minrelaytxfee",
      "0.01",
      "-minrelaytxfee is set very high! The wallet will avoid paying less than the minimum relay fee.",
    ],
  ])("-%s above %s is warned of by every wallet", (name, most, warning) => {
    const above = `${Number(most)}${most.includes("1.00") ? "." : ""}`.padEnd(9, "0").concat("1");
    expect(wallet(`-${name}=${most}`).loadWarnings).toEqual([]);
    expect(wallet(`-${name}=${above}`).loadWarnings).toEqual([warning]);
  });

  test("the most that is paid must be enough for the relay of a thousand vbytes", () => {
    expect(wallet("-maxtxfee=0.000001").fees.maxFeeSats).toBe(100n);
    expect(() => wallet("-maxtxfee=0.00000099")).toThrow(
      "Invalid amount for -maxtxfee=<amount>: '0.00000099' (must be at least the minrelay fee of 0.00000100 BTC/kvB to prevent stuck transactions)",
    );
    expect(wallet("-maxtxfee=0.00000099", "-minrelaytxfee=0").fees.maxFeeSats).toBe(99n);
  });
});

describe("behaviour", () => {
  test.each([
    ["-keypool=0", { keypoolSize: 1 }],
    ["-keypool=-5", { keypoolSize: 1 }],
    ["-keypool=1", { keypoolSize: 1 }],
    ["-keypool=99999999999999999999", { keypoolSize: 1_000_000 }],
    ["-txconfirmtarget=1", { confirmTarget: 1 }],
    ["-txconfirmtarget=1008", { confirmTarget: 1008 }],
    ["-avoidpartialspends", { avoidsPartialSpends: true }],
    ["-spendzeroconfchange=0", { spendsUnconfirmedChange: false }],
    ["-walletrejectlongchains=0", { rejectsLongChains: false }],
    ["-limitancestorcount=200", { ancestorCountMax: 200, descendantCountMax: 25 }],
    ["-limitdescendantcount=0", { ancestorCountMax: 25, descendantCountMax: 0 }],
    ["-limitdescendantcount=-1", { descendantCountMax: Number.MAX_SAFE_INTEGER }],
    ["-walletbroadcast=0", { broadcasts: false }],
    ["-walletcrosschain", { allowsOtherChains: true }],
    ["-unsafesqlitesync", { waitsForDisk: false }],
    ["-walletnotify=echo %s", { notifyCommand: "echo %s" }],
    ["-walletfile=/data/wallet", { ownName: "/data/wallet" }],
    ["-mining=interval", { ownName: "miner" }],
    ["-walletfileprotection=passphrase", { fileProtection: "passphrase" }],
  ])("%s", (arg, expected) => {
    expect(wallet(arg)).toMatchObject(expected);
  });

  test("the node's own wallet has a name that is allowed", () => {
    expect(() => wallet("-walletfile=../w")).toThrow(
      "Invalid value '../w' for -walletfile (WALLET_FILE): Wallet name given as a relative path cannot begin with ./ or ../",
    );
  });

  test("-walletrbf is going away", () => {
    const loadWarnings = ["-walletrbf is deprecated and will be fully removed in the next release."];
    expect(wallet("-walletrbf=0")).toMatchObject({ signalsReplaceability: false, loadWarnings });
    expect(wallet("-walletrbf")).toMatchObject({ signalsReplaceability: true, loadWarnings });
  });

  test("targets that nothing is estimated for are refused", () => {
    for (const target of ["0", "1009"])
      expect(() => wallet(`-txconfirmtarget=${target}`)).toThrow(
        `Invalid value '${target}' for -txconfirmtarget: 1 to 1008 is expected.`,
      );
  });

  test("-blocksonly keeps wallets from sending, unless they are told to", () => {
    const config = read("-blocksonly");
    expect(config.wallet?.broadcasts).toBe(false);
    expect(config.logWarnings).toContain("Parameter interaction: -blocksonly=1 -> setting -walletbroadcast=0");
    expect(wallet("-blocksonly", "-walletbroadcast").broadcasts).toBe(true);
  });

  test("protection of files is of a known kind, and a file of the passphrase holds one", () => {
    expect(() => wallet("-walletfileprotection=none")).toThrow(
      "Invalid value 'none' for -walletfileprotection: keyfile or passphrase is expected.",
    );
    writeFileSync(join(dir, "empty"), "\n");
    writeFileSync(join(dir, "secret"), "of the test\n");
    const at = (name: string) => `-walletpassphrasefile=${join(dir, name)}`;
    expect(() => wallet(at("none"))).toThrow(`The file ${dir}/none of -walletpassphrasefile cannot be read (ENOENT).`);
    expect(() => wallet(at("empty"))).toThrow(`The file ${dir}/empty of -walletpassphrasefile holds no passphrase.`);
    expect(wallet(at("secret")).passphraseFile).toBe(join(dir, "secret"));
    expect(wallet("-walletpassphrasefile=../secret").passphraseFile).toBe(join(dir, "secret"));
  });

  test("a recovery phrase is that of the node's own wallet, and its file is not looked at yet", () => {
    expect(wallet("-walletfile=treasury", "-walletmnemonicfile=../gone").mnemonicFile).toBe(join(dir, "gone"));
    expect(wallet("-mining=interval", `-walletmnemonicfile=${join(dir, "gone")}`).mnemonicFile).toBe(join(dir, "gone"));
    expect(wallet("-walletfile=treasury", "-nowalletmnemonicfile").mnemonicFile).toBeUndefined();
    expect(() => wallet("-walletmnemonicfile=gone")).toThrow(
      "-walletmnemonicfile (WALLET_MNEMONIC_FILE) needs -walletfile (WALLET_FILE): which wallet is made from the recovery phrase?",
    );
  });
});
