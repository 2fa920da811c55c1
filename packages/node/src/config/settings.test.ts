import { describe, expect, test } from "vitest";
import { OPTION_DEFINITIONS } from "./options.ts";
import {
  interpretBoolean,
  leadingInteger,
  misplacedOptions,
  networkSetting,
  newSettingSources,
  parseCommandLine,
  parseConfigText,
  type SettingSources,
  settingOf,
  settingsOf,
} from "./settings.ts";

function sourcesOf(args: readonly string[], file = "", network = "regtest"): SettingSources {
  const sources = newSettingSources();
  parseCommandLine(sources, args);
  parseConfigText(sources, file, "bitcoin.conf");
  sources.network = network;
  return sources;
}

describe("the command line", () => {
  test.each([
    ["-name=value", ["-datadir=/a"], "datadir", "/a"],
    ["--name=value", ["--datadir=/a"], "datadir", "/a"],
    ["a value with =", ["-datadir=a=b"], "datadir", "a=b"],
    ["no value", ["-server"], "server", ""],
    ["negation", ["-noserver"], "server", false],
    ["negation of yes", ["-noserver=1"], "server", false],
    ["double negation", ["-noserver=0"], "server", true],
    ["the last counts", ["-dbcache=1", "-dbcache=2"], "dbcache", "2"],
    ["negation takes back", ["-dbcache=1", "-nodbcache"], "dbcache", false],
    ["a value takes the negation back", ["-nodbcache", "-dbcache=3"], "dbcache", "3"],
    ["nothing", [], "dbcache", undefined],
  ] as const)("%s", (_label, args, name, value) => {
    expect(settingOf(sourcesOf(args), name)).toEqual(value);
  });

  test.each([["-foo"], ["-regtest.port=1"], ["-noregtest.port"], ["--"], ["-no"]])("refuses %s", (arg) => {
    expect(() => sourcesOf([arg])).toThrow(`Invalid parameter ${arg}`);
  });

  test("ends at the first word", () => {
    expect(settingOf(sourcesOf(["-server=0", "word", "-foo"]), "server")).toBe("0");
  });
});

describe("sources", () => {
  const file = "dbcache=1\ndbcache=2\n[regtest]\ndbcache=3\ndbcache=4\n[main]\ndbcache=5\n";

  test("the command line wins over the section, the section over the head", () => {
    expect(settingOf(sourcesOf(["-dbcache=9"], file), "dbcache")).toBe("9");
    expect(settingOf(sourcesOf([], file), "dbcache")).toBe("3");
    expect(settingOf(sourcesOf([], file, "signet"), "dbcache")).toBe("1");
    expect(settingOf(sourcesOf([], file, "main"), "dbcache")).toBe("5");
  });

  test("settings.json stands between command line and file", () => {
    const sources = sourcesOf([], file);
    sources.settingsFile.set("dbcache", 7);
    expect(settingOf(sources, "dbcache")).toBe(7);
    parseCommandLine(sources, ["-dbcache=8"]);
    expect(settingOf(sources, "dbcache")).toBe("8");
  });

  test("options bound to a network are read from the head on main only, negations everywhere", () => {
    expect(settingOf(sourcesOf([], "port=1\n"), "port")).toBeUndefined();
    expect(settingOf(sourcesOf([], "port=1\n", "main"), "port")).toBe("1");
    expect(settingOf(sourcesOf([], "noport=1\n"), "port")).toBe(false);
    expect(misplacedOptions(sourcesOf([], "port=1\nbind=1\n"))).toEqual(["bind", "port"]);
    expect(misplacedOptions(sourcesOf(["-port=2"], "port=1\n"))).toEqual([]);
    expect(misplacedOptions(sourcesOf([], "port=1\n[regtest]\nport=2\n"))).toEqual([]);
    expect(misplacedOptions(sourcesOf([], "port=1\n", "main"))).toEqual([]);
  });

  test("lists gather from every source; a negation cuts off what is weaker", () => {
    const both = "uacomment=c\nuacomment=d\n";
    expect(settingsOf(sourcesOf(["-uacomment=a", "-uacomment=b"], both), "uacomment")).toEqual(["a", "b", "c", "d"]);
    expect(settingsOf(sourcesOf(["-nouacomment"], both), "uacomment")).toEqual([]);
    // A value behind the negation brings the file back, as in Core.
    expect(settingsOf(sourcesOf(["-uacomment=x", "-nouacomment", "-uacomment=a"], both), "uacomment")).toEqual([
      "a",
      "c",
      "d",
    ]);
    expect(settingsOf(sourcesOf([], "uacomment=c\nnouacomment=1\nuacomment=d\n"), "uacomment")).toEqual(["d"]);
  });

  test("the network is chosen by the last line, and not by a negation on the command line", () => {
    expect(networkSetting(sourcesOf([], "regtest=0\nregtest=1\n", ""), "regtest")).toBe(true);
    expect(networkSetting(sourcesOf(["-noregtest"], "regtest=1\n", ""), "regtest")).toBe(true);
    expect(networkSetting(sourcesOf(["-regtest=0"], "regtest=1\n", ""), "regtest")).toBe(false);
    expect(networkSetting(sourcesOf([], "[regtest]\nregtest=1\n", ""), "regtest")).toBe(false);
  });
});

describe("the configuration file", () => {
  test("white space, comments and sections", () => {
    const sources = sourcesOf([], " # all\r\n\n  dbcache = 4  # MiB\n[regtest]\n port=1\ntest.port=2\n", "regtest");
    expect(settingOf(sources, "dbcache")).toBe("4");
    expect(settingOf(sources, "port")).toBe("1");
    expect(sources.sections).toEqual([
      { name: "regtest", file: "bitcoin.conf", line: 4 },
      { name: "regtest.test", file: "bitcoin.conf", line: 6 },
    ]);
  });

  test("unknown names are passed over with a warning", () => {
    const warnings = parseConfigText(newSettingSources(), "foo=1\nserver=1\n", "f");
    expect(warnings).toEqual(["Ignoring unknown configuration value foo"]);
  });
});

describe("values", () => {
  test.each([
    ["", 0],
    ["12", 12],
    [" -3x", -3],
    ["+4", 4],
    ["x4", 0],
    ["- 4", 0],
  ])("leading integer of %j is %i", (text, value) => {
    expect(leadingInteger(text)).toBe(value);
  });

  test.each([
    ["", true],
    ["1", true],
    ["2x", true],
    ["0", false],
    ["true", false],
    ["00", false],
  ])("%j means %s", (text, value) => {
    expect(interpretBoolean(text)).toBe(value);
  });
});

test("the table knows every option of the start of Bitcoin Core's own test suite", () => {
  const commandLine =
    "-datadir=D -logtimemicros -debug -debugexclude=leveldb -debugexclude=rand -uacomment=testnode0 -disablewallet " +
    "-logthreadnames -logsourcelocations -loglevel=trace -nologratelimit -v2transport=0 -bind=0.0.0.0:1 " +
    "-bind=127.0.0.1:2=onion -whitelist=noban@127.0.0.1 -testactivationheight=csv@432 -acceptnonstdtxn=1 -fastprune " +
    "-persistmempool=0 -txindex -blockfilterindex=1 -coinstatsindex -rest -zmqpubrawtx=tcp://127.0.0.1:1 -par=1";
  expect(() => sourcesOf(commandLine.split(" "))).not.toThrow();
  const file =
    "regtest=1\n[regtest]\nport=1\nrpcport=2\nrpcservertimeout=99000\nrpcdoccheck=1\nrpcthreads=2\nfallbackfee=0.0002\n" +
    "server=1\nkeypool=1\ndiscover=0\ndnsseed=0\nfixedseeds=0\nlistenonion=0\npeertimeout=999999999\nprinttoconsole=0\n" +
    "natpmp=0\nshrinkdebugfile=0\nunsafesqlitesync=1\nconnect=0\nmaxconnections=94\npar=2\nprevoutfetchthreads=1\n" +
    "bind=127.0.0.1\n";
  expect(parseConfigText(newSettingSources(), file, "f")).toEqual([]);
});

test("options that do something say what in their help", () => {
  const silent = [...OPTION_DEFINITIONS.values()].filter(({ status, help }) => status === "active" && help === "");
  expect(silent).toEqual([]);
});
