import { parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { describe, expect, test } from "vitest";
import { systemRandom } from "../../clock.ts";
import { NetworkFilter } from "../addresses/network-filter.ts";
import { PeerSet } from "../peer-set.ts";
import { TestClock, TestLog } from "../test-kit.ts";
import type { ConnectionManager } from "./connection-manager.ts";
import { Dialer, type DialRequest } from "./dialer.ts";
import { type DialOptions, type DialTarget, SocketError, type SocketPort, type SocksProxy } from "./sockets.ts";

const proxy = (port: number): SocksProxy => ({ host: "127.0.0.1", port, credentials: "none" });
const PROXIES = { ipv4: proxy(1), ipv6: proxy(2), onion: proxy(3), name: proxy(4) };

/** A dialler whose attempts all fail, and are remembered. */
function setUp({
  proxies = {} as typeof PROXIES | Record<string, never>,
  names = {} as Record<string, string[]>,
  isCjdnsReachable = false,
} = {}) {
  const [clock, log] = [new TestClock(), new TestLog()];
  const attempts: { readonly target: DialTarget; readonly options: DialOptions }[] = [];
  const counted: boolean[] = [];
  const sockets: SocketPort = {
    connect: (target, options) => {
      attempts.push({ target, options });
      return Promise.reject(new SocketError("nobody answers"));
    },
    listen: () => Promise.reject(new SocketError("not here")),
    resolve: (host) => Promise.resolve((names[host] ?? []).map((text) => parseEndpoint(text, 0)!.address)),
  };
  const connections: Pick<ConnectionManager, "adopt" | "isActive"> = {
    isActive: true,
    adopt: () => {
      throw new Error("no socket was opened");
    },
  };
  const dialer = new Dialer(
    { defaultPort: 8333, timeoutMs: 5000, proxies, resolvesNames: true },
    {
      sockets,
      connections,
      peers: new PeerSet({ bans: { discourage: () => {} }, clock, log }),
      networks: new NetworkFilter({ onlyNetworks: [], isCjdnsReachable, hasOnionProxy: false }),
      addresses: { attempt: (_, countsFailure) => void counted.push(countsFailure) },
      isUnwanted: ({ address }) => address.bytes.join(".") === "6.6.6.6",
      isOurs: ({ port }) => port === 1234,
      clock,
      random: systemRandom,
      log,
      signal: new AbortController().signal,
    },
  );
  const dial = async (target: DialRequest["target"]) => {
    await dialer.dial({ target, connectionType: "manual", useV2: false });
    return attempts.splice(0);
  };
  return { dial, log, counted };
}

describe("the way", () => {
  test.each([
    ["1.2.3.4:8333", 1],
    ["[2a00::1]:8333", 2],
    ["pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:8333", 3],
    ["seed.example.com", 4],
  ])("to %s is the proxy of its network", async (target, port) => {
    const [attempt] = await setUp({ proxies: PROXIES }).dial(target);
    expect(attempt!.options.proxy).toEqual(proxy(port));
  });

  test.each(["127.0.0.1:8333", "192.168.1.2:8333", "10.0.0.1:8333", "[::1]:8333", "[fe80::1]:8333"])(
    "to %s, which is near, is no proxy",
    async (target) => {
      const attempts = await setUp({ proxies: PROXIES }).dial(target);
      expect(attempts.map(({ options }) => options.proxy)).toEqual([undefined]);
    },
  );

  test("without proxies is straight, and names are resolved to all their addresses", async () => {
    const { dial, log } = setUp({ names: { "node.example.com": ["1.1.1.1", "2.2.2.2"] } });
    const attempts = await dial("node.example.com:18444");
    expect(attempts.map(({ target }) => target)).toHaveLength(2);
    expect(attempts.every(({ target, options }) => target.port === 18444 && options.proxy === undefined)).toBe(true);
    expect(await dial("unknown.example.com")).toEqual([]);
    expect(log.with("Cannot resolve unknown.example.com")).toHaveLength(1);
  });

  test("with a proxy for names they are left to it", async () => {
    const attempts = await setUp({ proxies: PROXIES, names: { "node.example.com": ["1.1.1.1"] } }).dial(
      "node.example.com",
    );
    expect(attempts.map(({ target }) => target)).toEqual([{ host: "node.example.com", port: 8333 }]);
  });
});

test.each([
  [true, "fc00::1", "cjdns"],
  [false, "fc00::1", "ipv6"],
  [true, "2a00::1", "ipv6"],
])("with CJDNS within reach (%s) %s is of %s, written or resolved", async (isCjdnsReachable, text, network) => {
  const { dial } = setUp({ names: { "node.example.com": [text] }, isCjdnsReachable });
  for (const target of [`[${text}]:8333`, "node.example.com"]) {
    const attempts = await dial(target);
    expect(attempts.map(({ target }) => "address" in target && target.address.network)).toEqual([network]);
  }
});

describe("who is not called", () => {
  test("ourselves and whom we shut out, unless the operator names them", async () => {
    const { dial } = setUp();
    expect(await dial(parseEndpoint("6.6.6.6:8333", 0)!)).toEqual([]);
    expect(await dial(parseEndpoint("1.1.1.1:1234", 0)!)).toEqual([]);
    expect(await dial("6.6.6.6:8333")).toHaveLength(1);
  });
});

test("every attempt is counted for its address", async () => {
  const { dial, counted } = setUp();
  await dial(parseEndpoint("1.1.1.1:8333", 0)!);
  expect(counted).toEqual([false]);
});
