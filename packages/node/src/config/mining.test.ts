import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { signetNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { encodeWif } from "@bitfleet/protocol/script/address.ts";
import { afterAll, describe, expect, test } from "vitest";
import { type NodeConfig, readConfig } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "bitfleet-config-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const PRIVATE_KEY = new Uint8Array(32).fill(7);
const WIF = encodeWif({ privateKey: PRIVATE_KEY, compressed: true }, signetNetwork().addressPrefixes);
const PUBLIC_KEY = toHex(portableSecp256k1.publicKeyOf(PRIVATE_KEY, true));
const CHALLENGE = `5121${PUBLIC_KEY}51ae`;

function configOf(...args: readonly string[]): NodeConfig {
  const outcome = readConfig([`-datadir=${folder}`, ...args], { defaultDataDir: folder, workingDir: folder }, "1.2.3");
  if (outcome.action !== "run") throw new Error("expected a run");
  return outcome.config;
}

const miningOf = (...args: readonly string[]) => configOf("-regtest", ...args).mining;
const signetOf = (...args: readonly string[]) => configOf("-signet", ...args);
const challengeOf = ({ network }: NodeConfig) => toHex(network.params.signetChallenge!);

describe("the miner", () => {
  test.each([
    [[], 0],
    [["-addnode=other:2001"], 10],
    [["-connect=other"], 10],
    [["-noconnect"], 0],
    [["-connect=0"], 0],
    [["-addnode=other", "-miningpeerwait=0"], 0],
    [["-miningpeerwait=3600"], 3600],
  ])("waits for peers with %j", (args, seconds) => {
    expect(miningOf(...args).peerWaitSeconds).toBe(seconds);
  });

  test.each(["-1", "3601"])("does not wait %s seconds", (seconds) => {
    expect(() => miningOf(`-miningpeerwait=${seconds}`)).toThrow(
      `Invalid value '${seconds}' for -miningpeerwait: 0 to 3600 is expected.`,
    );
  });

  const first = (...args: readonly string[]) => ["-mining=interval", `-miningaddress=${ADDRESS}`, ...args];

  test.each([
    [[], 0],
    [["-miningfirstblocks=0"], 0],
    [["-miningfirstblocks=101"], 101],
    [["-miningfirstblocks=20000", "-noconnect"], 20_000],
    [["-miningfirstblocks=101", "-addnode=other:2001"], 0],
    [["-miningfirstblocks=101", "-connect=other"], 0],
  ])("with %j makes blocks at once up to height %i", (args, height) => {
    expect(miningOf(...first(...args)).firstBlocksHeight).toBe(height);
  });

  test("makes first blocks on regtest alone, where it mines, and so many at the most", () => {
    for (const count of [-1, 20_001]) {
      expect(() => miningOf(...first(`-miningfirstblocks=${count}`))).toThrow(
        `Invalid value '${count}' for -miningfirstblocks: 0 to 20000 is expected.`,
      );
    }
    expect(() => miningOf("-miningfirstblocks=1")).toThrow("-miningfirstblocks needs -mining");
    const onSignet = () => signetOf("-mining=interval", "-miningfirstblocks=1", "-miningaddress=x");
    expect(onSignet).toThrow("-miningfirstblocks is for regtest alone");
  });

  test("is off, hashes on all processors but one, and keeps ten seconds when it is on", () => {
    const { threadCount, ...rest } = miningOf();
    expect(rest).toEqual({
      pacing: "off",
      intervalSeconds: 10,
      address: undefined,
      peerWaitSeconds: 0,
      firstBlocksHeight: 0,
    });
    expect(threadCount).toBeGreaterThanOrEqual(1);
    expect(miningOf("-mining=0").pacing).toBe("off");
  });

  test.each(["interval", "on-transaction", "continuous"] as const)("takes the pacing %s with an address", (pacing) => {
    expect(miningOf(`-mining=${pacing}`, `-miningaddress=${ADDRESS}`)).toMatchObject({ pacing, address: ADDRESS });
    expect(miningOf(`-mining=${pacing}`)).toMatchObject({ pacing, address: undefined });
    expect(() => miningOf(`-mining=${pacing}`, "-disablewallet")).toThrow("-mining needs -miningaddress");
  });

  test("refuses other words and numbers", () => {
    expect(() => miningOf("-mining=now", `-miningaddress=${ADDRESS}`)).toThrow("Invalid value 'now' for -mining");
    expect(miningOf("-mininginterval=0.5").intervalSeconds).toBe(0.5);
    expect(() => miningOf("-mininginterval=0")).toThrow("-mininginterval");
    expect([miningOf("-miningthreads=0").threadCount, miningOf("-miningthreads=64").threadCount]).toEqual([0, 64]);
    for (const count of [-1, 65]) expect(() => miningOf(`-miningthreads=${count}`)).toThrow("0 to 64 is expected");
  });
});

describe("the key of a signet", () => {
  test("makes the challenge where none is given", () => {
    const config = signetOf(`-signetblockkey=multi(1,${WIF})`);
    expect(challengeOf(config)).toBe(CHALLENGE);
    expect(toHex(config.signetKey!.challenge)).toBe(CHALLENGE);
    expect(signetOf().signetKey).toBeUndefined();
  });

  test("is taken in the form that the challenge has, also from a file", () => {
    const file = join(folder, "key");
    writeFileSync(file, `${WIF}\n`);
    for (const value of [WIF, file, `multi(1,${WIF})`]) {
      const config = signetOf(`-signetchallenge=${CHALLENGE}`, `-signetblockkey=${value}`);
      expect(challengeOf(config)).toBe(CHALLENGE);
      expect(config.signetKey).toBeDefined();
    }
  });

  test("is refused where it does not fit, and never shown", () => {
    const messageOf = (...args: readonly string[]) => {
      try {
        signetOf(...args);
      } catch (error) {
        return (error as Error).message;
      }
      throw new Error("it was taken");
    };
    for (const [args, message] of [
      [["-signetchallenge=51", `-signetblockkey=${WIF}`], "it is not the key of the network's challenge"],
      [[`-signetblockkey=wpkh(${WIF}`], "it is no descriptor with keys of this network"],
      [[`-signetblockkey=${WIF}x`], "neither a key of this network nor a file that can be read (ENOENT)"],
    ] as const) {
      expect(messageOf(...args)).toContain(message);
      expect(messageOf(...args)).not.toContain(WIF);
    }
    expect(() => configOf("-regtest", `-signetblockkey=${WIF}`)).toThrow("on signet only");
    const { logLines } = signetOf(`-signetblockkey=${WIF}`);
    expect(logLines.join("\n")).toContain("signetblockkey=****");
    expect(logLines.join("\n")).not.toContain(WIF);
  });
});

describe("the block time of a signet", () => {
  test("is what the difficulty aims at, within an hour", () => {
    expect(signetOf().network.params.targetSpacingSeconds).toBe(600);
    for (const seconds of [1, 30, 3600]) {
      const { network } = signetOf("-signetchallenge=51", `-signetblocktime=${seconds}`);
      expect(network.params.targetSpacingSeconds).toBe(seconds);
      expect(network.params.targetTimespanSeconds).toBe(1_209_600);
    }
    for (const seconds of [0, 3601]) {
      expect(() => signetOf("-signetchallenge=51", `-signetblocktime=${seconds}`)).toThrow("1 to 3600 seconds");
    }
  });

  test("is not the public signet's to change", () => {
    expect(() => signetOf("-signetblocktime=30")).toThrow("needs a -signetchallenge");
  });
});
