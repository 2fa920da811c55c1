import { MAINNET, regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { formatEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { describe, expect, test } from "vitest";
import { permissionNames } from "../p2p/addresses/permissions.ts";
import { formatSubnet } from "../p2p/addresses/subnet.ts";
import { placeText } from "../p2p/connections/sockets.ts";
import { isOwnNetworkOf, p2pConfigOf } from "./p2p.ts";
import { ConfigError, newSettingSources, parseCommandLine } from "./settings.ts";

const REGTEST = regtestNetwork();
const notes: string[] = [];

function read(args: readonly string[], network = REGTEST) {
  notes.length = 0;
  const sources = newSettingSources();
  sources.network = network.name;
  parseCommandLine(sources, args);
  return p2pConfigOf(sources, network, notes);
}
const listening = (...args: string[]) =>
  read(args).listen.map(({ endpoint, isOnion }) => `${formatEndpoint(endpoint)}${isOnion ? " onion" : ""}`);
const ANY = ["[::]:18444", "0.0.0.0:18444"];

test("without options: as in Core", () => {
  expect(read([])).toMatchObject({
    isListeningOnAny: true,
    port: 18444,
    connect: undefined,
    addNodes: [],
    dnsSeed: true,
    forceDnsSeed: false,
    fixedSeeds: true,
    resolvesNames: true,
    onlyNetworks: [],
    isCjdnsReachable: false,
    discovers: true,
    connectionsMax: 125,
    receiveBufferSize: 5_000_000,
    sendBufferSize: 1_000_000,
    uploadTargetBytes: 0,
    peerTimeoutMs: 60_000,
    connectTimeoutMs: 5000,
    banSeconds: 86_400,
    isActive: true,
    usesV2: true,
    proxies: {},
    whitelist: { incoming: [], outgoing: [] },
    whitelistRelay: true,
    whitelistForceRelay: false,
    ignoresTransactions: false,
    servesBloomFilters: false,
    servesBlockFilters: false,
    reconcilesTransactions: false,
    extraTransactionsMax: 100,
    logsAddresses: false,
    hasKnownAddressKey: false,
    asmapPath: undefined,
    addressCheckRatio: 0,
  });
  expect(read([], MAINNET).port).toBe(8333);
});

describe("where to listen", () => {
  test.each([
    [[], ANY],
    [["-listen=0"], []],
    [["-port=9"], ["[::]:9", "0.0.0.0:9"]],
    [["-bind=127.0.0.1"], ["127.0.0.1:18444"]],
    [
      ["-bind=127.0.0.1:5", "-bind=[::1]"],
      ["127.0.0.1:5", "[::1]:18444"],
    ],
    [["-bind=127.0.0.1=onion"], ["127.0.0.1:18445 onion"]],
    [["-bind=127.0.0.1:7=onion"], ["127.0.0.1:7 onion"]],
    [["-whitebind=relay@127.0.0.1:5"], ["127.0.0.1:5"]],
    [["-connect=1.2.3.4"], []],
    [["-noconnect"], []],
    [["-connect=1.2.3.4", "-listen"], ANY],
    [["-connect=1.2.3.4", "-bind=127.0.0.1"], ["127.0.0.1:18444"]],
    [["-maxconnections=0"], []],
    [["-maxconnections=1"], ANY],
    [["-proxy=127.0.0.1"], []],
    [["-proxy=127.0.0.1", "-listen"], ANY],
    [["-proxy="], ANY],
    [["-proxy=0"], ANY],
  ])("%j", (args, expected) => {
    expect(listening(...args)).toEqual(expected);
  });

  test("permissions of an address", () => {
    const [option] = read(["-whitebind=mempool,addr@127.0.0.1:5"]).listen;
    expect(permissionNames(option!.permissions)).toEqual(["mempool", "addr"]);
    expect(read(["-bind=127.0.0.1"]).listen[0]!.permissions).toBe(0);
  });

  test.each([
    [["-bind=localhost"], "Cannot resolve -bind address: 'localhost'"],
    [["-bind=127.0.0.1=tor"], "Cannot resolve -bind address: '127.0.0.1=tor'"],
    [["-bind=127.0.0.1="], "Cannot resolve -bind address: '127.0.0.1='"],
    [["-whitebind=127.0.0.1"], "Need to specify a port with -whitebind: '127.0.0.1'"],
    [["-whitebind=foo@127.0.0.1:1"], "Invalid P2P permission: 'foo'"],
  ])("%j is refused", (args, message) => {
    expect(() => read(args)).toThrow(new ConfigError(message));
  });

  test.each([
    [["-port=22"], ["-port request to listen on port 22."]],
    [["-port=22", "-bind=127.0.0.1:8333"], []],
    [["-bind=127.0.0.1:22"], ["-bind request to listen on port 22."]],
    [["-bind=127.0.0.1:22=onion"], []],
    [["-whitebind=127.0.0.1:22"], []],
    [["-port=23", "-listen=0"], []],
    [["-port=24"], []],
  ])("%j warns of a port of others", (args, expected) => {
    read(args);
    expect(notes.map((note) => note.split(" This port is")[0])).toEqual(expected);
  });
});

describe("where first addresses come from", () => {
  test.each([
    [[], true],
    [["-dnsseed=0"], false],
    [["-connect=1.2.3.4"], false],
    [["-connect=0"], false],
    [["-connect=1.2.3.4", "-dnsseed"], true],
    [["-maxconnections=0"], false],
    [["-onlynet=ipv6"], true],
    [["-onlynet=onion", "-onlynet=ipv4"], true],
    [["-onlynet=i2p", "-i2psam=127.0.0.1:7656"], false],
    [["-proxy=127.0.0.1"], true],
  ])("%j: DNS %s", (args, dnsSeed) => {
    expect(read(args).dnsSeed).toBe(dnsSeed);
  });

  test.each([
    [
      ["-connect=1.2.3.4", "-connect=name.example:1"],
      ["1.2.3.4", "name.example:1"],
    ],
    [["-connect=0"], []],
    [["-noconnect"], []],
    [
      ["-connect=0", "-connect=1.2.3.4"],
      ["0", "1.2.3.4"],
    ],
    [["-addnode=1.2.3.4"], undefined],
  ])("%j connects to %j alone", (args, connect) => {
    expect(read(args).connect).toEqual(connect);
  });

  test.each([
    [["-forcednsseed", "-dnsseed=0"], "Cannot set -forcednsseed to true when setting -dnsseed to false."],
    [["-forcednsseed", "-connect=1.2.3.4"], "Cannot set -forcednsseed to true when setting -dnsseed to false."],
    [
      ["-dnsseed", "-onlynet=onion"],
      "Incompatible options: -dnsseed=1 was explicitly specified, but -onlynet forbids connections to IPv4/IPv6",
    ],
    [["-onlynet=ipv5"], "Unknown network specified in -onlynet: 'ipv5'"],
    [["-onlynet=internal"], "Unknown network specified in -onlynet: 'internal'"],
    [
      ["-onlynet=cjdns"],
      "Outbound connections restricted to CJDNS (-onlynet=cjdns) but -cjdnsreachable is not provided",
    ],
    [["-onlynet=i2p"], "Outbound connections restricted to i2p (-onlynet=i2p) but -i2psam is not provided"],
    [
      ["-onlynet=ipv4", "-onlynet=i2p"],
      "Outbound connections restricted to i2p (-onlynet=i2p) but -i2psam is not provided",
    ],
  ])("%j is refused", (args, message) => {
    expect(() => read(args)).toThrow(new ConfigError(message));
  });

  test("networks in any case", () => {
    expect(read(["-onlynet=IPv4", "-onlynet=ONION"]).onlyNetworks).toEqual(["ipv4", "onion"]);
    expect(read(["-onlynet=cjdns", "-cjdnsreachable"]).onlyNetworks).toEqual(["cjdns"]);
  });
});

describe("whether our own addresses are told", () => {
  test.each([
    [[], true],
    [["-listen=0"], false],
    [["-externalip=1.2.3.4"], false],
    [["-externalip=1.2.3.4", "-discover"], true],
    [["-proxy=127.0.0.1", "-listen"], false],
    [["-connect=1.2.3.4"], false],
    [["-discover=0"], false],
    [["-listen=0", "-discover"], true],
  ])("%j: %s", (args, discovers) => {
    expect(read(args).discovers).toBe(discovers);
  });
});

describe("proxies", () => {
  const hostsOf = (...args: string[]) =>
    Object.fromEntries(Object.entries(read(args).proxies).map(([name, proxy]) => [name, placeText(proxy)] as const));
  const ALL = ["ipv4", "ipv6", "name", "cjdns", "onion"];
  const all = (proxy: string) => Object.fromEntries(ALL.map((name) => [name, proxy]));

  test.each([
    [["-proxy=127.0.0.1"], all("127.0.0.1:9050")],
    [["-proxy=127.0.0.1:1"], all("127.0.0.1:1")],
    [["-proxy=tor_proxy:1"], all("tor_proxy:1")],
    [["-proxy=[::1]:1"], all("[::1]:1")],
    [["-proxy=127.0.0.1:1", "-proxy=127.0.0.1:2"], all("127.0.0.1:2")],
    [["-proxy=127.0.0.1:1=ipv4"], { ipv4: "127.0.0.1:1", name: "127.0.0.1:1" }],
    [["-proxy=127.0.0.1:1=IPV6"], { ipv6: "127.0.0.1:1", name: "127.0.0.1:1" }],
    [["-proxy=127.0.0.1:1=onion"], { onion: "127.0.0.1:1" }],
    [["-proxy=127.0.0.1:1=cjdns"], { cjdns: "127.0.0.1:1" }],
    [["-proxy=127.0.0.1:1", "-proxy=0=onion"], { ...all("127.0.0.1:1"), onion: undefined }],
    [["-proxy=127.0.0.1:1", "-proxy="], {}],
    [["-proxy=127.0.0.1:1", "-noproxy"], {}],
    [["-proxy=unix:/run/tor/socks"], all("unix:/run/tor/socks")],
    [["-proxy=unix:/run/tor/socks=ipv4"], { ipv4: "unix:/run/tor/socks", name: "unix:/run/tor/socks" }],
    [["-onion=unix:tor"], { onion: "unix:tor" }],
    [[`-onion=unix:${"é".repeat(53)}x`], { onion: `unix:${"é".repeat(53)}x` }],
    [["-onion=127.0.0.1:3"], { onion: "127.0.0.1:3" }],
    [["-proxy=127.0.0.1:1", "-onion=127.0.0.1:3"], { ...all("127.0.0.1:1"), onion: "127.0.0.1:3" }],
    [["-proxy=127.0.0.1:1", "-onion=0"], { ...all("127.0.0.1:1"), onion: undefined }],
    [["-proxy=127.0.0.1:1", "-noonion"], { ...all("127.0.0.1:1"), onion: undefined }],
    [["-proxy=127.0.0.1:1", "-onion="], all("127.0.0.1:1")],
  ])("%j", (args, expected) => {
    expect(hostsOf(...args)).toEqual(expected);
  });

  test.each([
    [["-proxy=127.0.0.1:1="], "Invalid -proxy address or hostname, ends with '=': '127.0.0.1:1='"],
    [["-proxy=127.0.0.1:1=i2p"], "Unrecognized network in -proxy='127.0.0.1:1=i2p': 'i2p'"],
    [["-proxy=127.0.0.1:x"], "Invalid -proxy address or hostname: '127.0.0.1:x'"],
    [["-proxy=0.0.0.0"], "Invalid -proxy address or hostname: '0.0.0.0'"],
    [["-proxy=:9050"], "Invalid -proxy address or hostname: ':9050'"],
    [["-proxy=localhost", "-dns=0"], "Invalid -proxy address or hostname: 'localhost'"],
    [["-proxy=unix:"], "Invalid -proxy address or hostname: 'unix:'"],
    [["-onion=unix:"], "Invalid -onion address or hostname: 'unix:'"],
    [[`-proxy=unix:${"é".repeat(54)}`], `Invalid -proxy address or hostname: 'unix:${"é".repeat(54)}'`],
    [["-onion=256.1.1.1"], "Invalid -onion address or hostname: '256.1.1.1'"],
    [["-onion=a b"], "Invalid -onion address or hostname: 'a b'"],
    [
      ["-onlynet=onion", "-onion=0"],
      "Outbound connections restricted to Tor (-onlynet=onion) but the proxy for reaching the Tor network is explicitly forbidden: -onion=0",
    ],
    [
      ["-onlynet=onion", "-listenonion=0"],
      "Outbound connections restricted to Tor (-onlynet=onion) but the proxy for reaching the Tor network is not provided: none of -proxy, -onion or -listenonion is given",
    ],
  ])("%j is refused", (args, message) => {
    expect(() => read(args)).toThrow(new ConfigError(message));
  });

  test("credentials differ by connection, unless told otherwise", () => {
    expect(read(["-proxy=127.0.0.1"]).proxies.ipv4!.credentials).toBe("random");
    expect(read(["-proxy=127.0.0.1", "-proxyrandomize=0"]).proxies.ipv4!.credentials).toBe("none");
  });
});

describe("-whitelist", () => {
  const ranges = (...args: string[]) => {
    const { incoming, outgoing } = read(args).whitelist;
    return [incoming.map(({ subnet }) => formatSubnet(subnet)), outgoing.map(({ subnet }) => formatSubnet(subnet))];
  };

  test.each([
    [["-whitelist=1.2.3.0/24"], [["1.2.3.0/24"], []]],
    [["-whitelist=out,relay@1.2.3.0/24"], [[], ["1.2.3.0/24"]]],
    [
      ["-whitelist=in,out,relay@1.2.3.4", "-whitelist=::1"],
      [["1.2.3.4/32", "::1/128"], ["1.2.3.4/32"]],
    ],
    [["-whitelist=fc00::1"], [["fc00::1/128"], []]],
    [
      ["-whitelist=fc00::1", "-cjdnsreachable"],
      [["fc00::1"], []],
    ],
    [
      ["-whitelist=fc00::1", "-cjdnsreachable", "-onlynet=ipv6"],
      [["fc00::1/128"], []],
    ],
  ])("%j", (args, expected) => {
    expect(ranges(...args)).toEqual(expected);
  });

  test.each([
    [[], true, false],
    [["-blocksonly"], false, false],
    [["-blocksonly", "-whitelistrelay"], true, false],
    [["-whitelistrelay=0"], false, false],
    [["-whitelistforcerelay"], true, true],
    [["-blocksonly", "-whitelistforcerelay"], false, true],
  ])("%j: relay %s, forced relay %s", (args, whitelistRelay, whitelistForceRelay) => {
    expect(read(args)).toMatchObject({ whitelistRelay, whitelistForceRelay });
  });

  test("CJDNS has no ranges", () => {
    const message = "Invalid netmask specified in -whitelist: 'fc00::/8'";
    expect(() => read(["-whitelist=fc00::/8", "-cjdnsreachable"])).toThrow(message);
    expect(() => read(["-whitelist=fc00::/8"])).not.toThrow();
  });

  test("a mistake is refused", () => {
    expect(() => read(["-whitelist=1.2.3.4/33"])).toThrow("Invalid netmask specified in -whitelist: '1.2.3.4/33'");
  });
});

describe("-asmap", () => {
  test.each([
    [[], undefined],
    [["-noasmap"], undefined],
    [["-asmap=map.dat"], "map.dat"],
    [["-asmap=/a/b/../map.dat"], "/a/map.dat"],
    [["-asmap=map.dat", "-noasmap"], undefined],
    [["-asmap=0"], "0"],
    [["-asmap=map1"], "map1"],
  ])("%j: %s", (args, path) => {
    expect(read(args).asmapPath).toBe(path);
  });

  test.each([[["-asmap"]], [["-asmap="]], [["-asmap=1"]], [["-noasmap=0"]]])("%j means a built-in map", (args) => {
    expect(() => read(args)).toThrow(new ConfigError("Embedded asmap data not available"));
  });
});

describe("numbers", () => {
  test.each([
    ["-checkaddrman=-1", "addressCheckRatio", 0],
    ["-checkaddrman=1", "addressCheckRatio", 1],
    ["-checkaddrman=1000000", "addressCheckRatio", 1_000_000],
    ["-checkaddrman=1000001", "addressCheckRatio", 1_000_000],
    ["-timeout=0", "connectTimeoutMs", 5000],
    ["-timeout=-1", "connectTimeoutMs", 5000],
    ["-timeout=1", "connectTimeoutMs", 1],
    ["-peertimeout=1", "peerTimeoutMs", 1000],
    ["-maxreceivebuffer=1", "receiveBufferSize", 1000],
    ["-maxsendbuffer=2", "sendBufferSize", 2000],
    ["-blockreconstructionextratxn=-1", "extraTransactionsMax", 0],
    ["-blockreconstructionextratxn=7", "extraTransactionsMax", 7],
    ["-maxuploadtarget=500", "uploadTargetBytes", 500 * 2 ** 20],
    ["-maxuploadtarget=1G", "uploadTargetBytes", 2 ** 30],
    ["-bantime=5", "banSeconds", 5],
    ["-test=addrman", "hasKnownAddressKey", true],
    ["-test=other", "hasKnownAddressKey", false],
  ] as const)("%s", (arg, field, value) => {
    expect(read([arg])[field]).toBe(value);
  });

  test("a target that is none is refused", () => {
    expect(() => read(["-maxuploadtarget=1x"])).toThrow("Unable to parse -maxuploadtarget: '1x'");
  });
});

test("a private network is its owner's where a node has page or probes, or is told so; a public one never", () => {
  const isOwn = (args: readonly string[], hasPageOrProbes: boolean, network = REGTEST) => {
    const sources = newSettingSources();
    parseCommandLine(sources, args);
    return isOwnNetworkOf(sources, network, hasPageOrProbes);
  };
  expect([isOwn([], false), isOwn([], true)]).toEqual([false, true]);
  expect([isOwn(["-ownnetwork"], false), isOwn(["-ownnetwork=0"], true)]).toEqual([true, false]);
  expect([isOwn([], true, MAINNET), isOwn(["-ownnetwork"], true, MAINNET)]).toEqual([false, false]);
});
