import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type NodeConfig, readConfig } from "./config.ts";

describe("readConfig", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "bitfleet-config-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const read = (...args: string[]): NodeConfig => {
    const outcome = readConfig(args, { defaultDataDir: join(dir, "default"), workingDir: dir }, "9.9.9");
    if (outcome.action !== "run") throw new Error(outcome.text);
    return outcome.config;
  };
  const writeConf = (text: string, name = "bitcoin.conf") => writeFileSync(join(dir, name), text);

  test.each([
    ["main", "", "", 8332],
    ["test", "-testnet", "testnet3", 18332],
    ["testnet4", "-testnet4", "testnet4", 48332],
    ["signet", "-signet", "signet", 38332],
    ["regtest", "-regtest", "regtest", 18443],
    ["regtest", "-chain=regtest", "regtest", 18443],
  ])("%s by %j", (name, flag, folder, port) => {
    const config = read(`-datadir=${dir}`, ...(flag === "" ? [] : [flag]));
    expect(config.network.name).toBe(name);
    expect(config.networkDir).toBe(join(dir, folder));
    expect(config.blocksDir).toBe(join(dir, folder, "blocks"));
    expect(config.rpc?.listen.map((address) => address.port)).toEqual([port, port]);
  });

  test("makes a new directory with an empty wallets folder, and settings.json", () => {
    const config = read("-regtest");
    expect(config.networkDir).toBe(join(dir, "default/regtest"));
    expect(existsSync(join(dir, "default/wallets"))).toBe(true);
    expect(existsSync(join(dir, "default/regtest/wallets"))).toBe(true);
    expect(JSON.parse(readFileSync(join(dir, "default/regtest/settings.json"), "utf8"))).toHaveProperty("_warning_");
  });

  test("settings.json is read, kept, and left alone with -nosettings", () => {
    mkdirSync(join(dir, "regtest"));
    const file = join(dir, "regtest/settings.json");
    writeFileSync(file, '{"dbcache":7,"wallet":["a"],"unknown":1}');
    const config = read(`-datadir=${dir}`, "-regtest");
    expect(config.chain.cacheBytes).toBe(7 * 2 ** 20);
    expect(config.logWarnings).toContain("Ignoring unknown rw_settings value unknown");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ dbcache: 7, wallet: ["a"], unknown: 1 });
    writeFileSync(file, "{bad");
    expect(() => read(`-datadir=${dir}`, "-regtest", "-nosettings")).not.toThrow();
  });

  test("a byte order mark is passed over, a NUL byte is refused", () => {
    writeConf("\uFEFFregtest=1\r\n");
    expect(read(`-datadir=${dir}`).network.name).toBe("regtest");
    writeConf("regtest=1\nuacomment=a\0b\n");
    expect(() => read(`-datadir=${dir}`)).toThrow("parse error on line 2: it holds a NUL byte");
  });

  test("included files, and includes of included files with a warning", () => {
    writeConf("regtest=1\nincludeconf=one.conf\n[regtest]\nincludeconf=two.conf\n");
    writeConf("uacomment=one\nincludeconf=three.conf\n", "one.conf");
    writeConf("uacomment=two\n", "two.conf");
    const config = read(`-datadir=${dir}`, "-uacomment=main");
    expect(config.userAgentComments).toEqual(["main", "two", "one"]);
    expect(config.notices).toEqual([
      "warning: -includeconf cannot be used from included files; ignoring -includeconf=three.conf",
    ]);
    expect(read(`-datadir=${dir}`, "-noincludeconf").userAgentComments).toEqual([]);
  });

  test("a bitcoin.conf that is not read is an error unless allowed", () => {
    writeConf("regtest=1\n");
    writeConf("regtest=1\n", "other.conf");
    const args = [`-datadir=${dir}`, `-conf=${join(dir, "other.conf")}`];
    expect(() => read(...args)).toThrow(/contains a "bitcoin.conf" file which is ignored/);
    expect(read(...args, "-allowignoredconf").warnings[0]).toContain("which is ignored");
    expect(read(`-datadir=${dir}`, "-noconf", "-regtest").warnings).toEqual([]);
  });

  test("a configuration file that may not be read is refused", () => {
    writeConf("regtest=1\n");
    chmodSync(join(dir, "bitcoin.conf"), 0);
    if (process.getuid?.() === 0) return; // Root reads everything.
    expect(() => read(`-datadir=${dir}`)).toThrow(/could not be opened/);
  });

  test("sections that are none are warned of", () => {
    writeConf("[foo]\nserver=1\n");
    expect(read(`-datadir=${dir}`, "-regtest").warnings).toEqual([
      `${join(dir, "bitcoin.conf")}:1 Section [foo] is not recognized.\n`,
    ]);
  });

  test("JSON-RPC opens beyond loopback only by two options together", () => {
    const listen = (...args: string[]) => read(`-datadir=${dir}`, "-regtest", ...args).rpc?.listen;
    const loopback = [
      { host: "127.0.0.1", port: 18443 },
      { host: "::1", port: 18443 },
    ];
    expect(listen()).toEqual(loopback);
    expect(listen("-rpcbind=0.0.0.0")).toEqual(loopback);
    expect(listen("-rpcallowip=10.0.0.0/8")).toEqual(loopback);
    expect(listen("-rpcallowip=10.0.0.0/8", "-rpcbind=0.0.0.0", "-rpcbind=[::]:1000", "-rpcport=7")).toEqual([
      { host: "0.0.0.0", port: 7 },
      { host: "::", port: 1000 },
    ]);
    expect(listen("-noserver")).toBeUndefined();
  });

  test("a password takes the cookie's place, and its permissions are told", () => {
    const rpc = (...args: string[]) => read(`-datadir=${dir}`, "-regtest", ...args).rpc!;
    expect(rpc().cookie).toEqual({ path: join(dir, "regtest/.cookie"), mode: 0o600 });
    expect(rpc("-rpccookieperms=group", "-rpccookiefile=c").cookie).toEqual({
      path: join(dir, "regtest/c"),
      mode: 0o640,
    });
    expect(rpc("-norpccookiefile").cookie).toBeUndefined();
    expect(rpc("-rpcuser=u", "-rpcpassword=p")).toMatchObject({
      cookie: undefined,
      password: { user: "u", password: "p" },
    });
  });

  test("values reach the chain in its units", () => {
    const { chain } = read(
      `-datadir=${dir}`,
      "-regtest",
      "-dbcache=1",
      "-assumevalid=0",
      "-minimumchainwork=0x1f",
      "-reindex",
      "-reindex-chainstate",
    );
    expect(chain).toMatchObject({
      cacheBytes: 4 * 2 ** 20,
      assumeValid: "none",
      minimumChainwork: 0x1fn,
      reindex: "all",
    });
    const { chain: other } = read(`-datadir=${dir}`, "-regtest", "-assumevalid=01ff");
    expect((other.assumeValid as Uint8Array).slice(0, 3)).toEqual(Uint8Array.of(0xff, 1, 0));
  });

  test("the log: all categories but those left out, none by default, the last level", () => {
    const log = (...args: string[]) => read(`-datadir=${dir}`, "-regtest", ...args).log;
    expect(log()).toMatchObject({ categories: new Set(), console: true, shrink: true, level: "debug" });
    expect(log("-debug=net", "-debug=rpc", "-debugexclude=rpc").categories).toEqual(new Set(["net"]));
    expect(log("-debug=net", "-debug=0", "-debug=http").categories).toEqual(new Set(["http"]));
    expect(log("-debug").categories.size).toBeGreaterThan(20);
    expect(log("-debug").shrink).toBe(false);
    expect(log("-nodebuglogfile").file).toBeUndefined();
    expect(log("-loglevel=info", "-loglevel=trace").level).toBe("trace");
  });

  test("every category of Core is known, two of them stay silent; another is refused", () => {
    const asked =
      "net tor mempool http bench zmq walletdb rpc estimatefee addrman selectcoins reindex cmpctblock rand prune proxy " +
      "mempoolrej coindb qt leveldb validation i2p ipc blockstorage txreconciliation scan txpackages kernel privatebroadcast";
    const flags = asked.split(" ").map((name) => `-debug=${name}`);
    const { log } = read(`-datadir=${dir}`, "-regtest", ...flags, "-debug=lock", "-debug=libevent");
    expect(log.categories).toEqual(new Set(asked.split(" ")));
    expect(() => read(`-datadir=${dir}`, "-regtest", "-debug=abc")).toThrow("Unsupported logging category -debug=abc.");
  });

  test("-maxtipage: the largest number of Core stands for the largest there is", () => {
    const maxTipAge = (text: string) =>
      read(`-datadir=${dir}`, "-regtest", `-maxtipage=${text}`).chain.maxTipAgeSeconds;
    expect(maxTipAge("3600")).toBe(3600);
    expect(maxTipAge("9223372036854775807")).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => maxTipAge("much")).toThrow("a whole number is expected");
    expect(() => read(`-datadir=${dir}`, "-regtest", "-dbcache=9223372036854775807")).toThrow(
      "the number is too large",
    );
  });

  test("secrets are not in the lines for the log, accepted options are named", () => {
    const config = read(`-datadir=${dir}`, "-regtest", "-rpcpassword=secret1", "-dbbatchsize=550");
    expect(config.logLines.join("\n")).not.toContain("secret1");
    expect(config.logLines).toContain("Command-line arg: rpcpassword=****");
    expect(config.logWarnings).toContain("Option -dbbatchsize is accepted but has no effect yet");
  });

  test("fewer connections than asked for, where the process may not open so many files", () => {
    const of = (openFilesMax?: number) => {
      const environment = { defaultDataDir: dir, workingDir: dir, ...(openFilesMax !== undefined && { openFilesMax }) };
      const outcome = readConfig([`-datadir=${dir}`, "-regtest", "-maxconnections=2000"], environment, "9.9.9");
      if (outcome.action !== "run") throw new Error(outcome.text);
      return [outcome.config.p2p.connectionsMax, outcome.config.warnings];
    };
    const reduced = "Reducing -maxconnections from 2000 to 864, because of system limitations.";
    expect(of(1024)).toEqual([864, [reduced]]);
    expect(of(2160)).toEqual([2000, []]);
    expect(of()).toEqual([2000, []]);
  });

  test("help shows what works, -help-debug everything", () => {
    const text = (arg: string) => {
      const outcome = readConfig([`-datadir=${dir}`, arg], { defaultDataDir: dir, workingDir: dir }, "9.9.9");
      return outcome.action === "print" ? outcome.text : "";
    };
    for (const arg of ["-help", "-h", "-?"]) expect(text(arg)).toContain("  -dbcache=<n>\n");
    expect(text("-help")).not.toContain("-dbbatchsize");
    expect(text("-help-debug")).toContain("-dbbatchsize");
    expect(text("-version")).toMatch(/^Bitfleet daemon version v9\.9\.9/);
  });
});
