import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../bytes/bytes.ts";
import {
  formatAddress,
  formatEndpoint,
  parseAddress,
  parseEndpoint,
  parseShortIpv4,
  splitHostPort,
} from "./address-text.ts";
import { decodeBase32, encodeBase32 } from "./base32.ts";
import { internalAddress, type NetworkKind } from "./network-address.ts";
import { networkAddresses } from "./test-kit.ts";

const TOR = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";
const I2P = "udhdrtrcetjm5sxzskjyr5ztpeszydbh4dpl3pl4utgqqw2v4jna.b32.i2p";

/** What the text reads as, and is written as. */
function canonical(text: string): string | undefined {
  const address = parseAddress(text);
  return address && formatAddress(address);
}

describe("IPv4", () => {
  test.each(["0.0.0.0", "255.255.255.255", "12.34.56.78", "127.0.0.1"])("%s", (text) => {
    expect(parseAddress(text)!.network).toBe("ipv4");
    expect(canonical(text)).toBe(text);
  });

  test.each([
    "256.0.0.1",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.4 ",
    "01.2.3.4",
    "1.2.3.-4",
    "1.2.3.0x4",
    "1.2.3.",
    "1.2.3.4%1",
    "",
  ])("%j is none", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

describe("IPv4 in short", () => {
  test.each([
    ["127.1", "127.0.0.1"],
    ["10.1.258", "10.1.1.2"],
    ["1.65536", "1.1.0.0"],
    ["1.16777215", "1.255.255.255"],
    ["4294967295", "255.255.255.255"],
    ["0", "0.0.0.0"],
  ])("%s is %s", (text, written) => {
    expect(formatAddress(parseShortIpv4(text)!)).toBe(written);
  });

  test.each(["1.16777216", "1.2.65536", "256.1", "4294967296", "1.2.3.4", "1.", "01.2", "0x7f.1", "", "a.1"])(
    "%j is none",
    (text) => {
      expect(parseShortIpv4(text)).toBeUndefined();
    },
  );
});

describe("IPv6 as RFC5952 writes it", () => {
  test.each([
    ["0000:0000:0000:0000:0000:0000:0000:0000", "::"],
    ["00:00:00:00:00:00:00:00", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["1::", "1::"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:0db8:85a3:0000:0000:8a2e:0370:7334", "2001:db8:85a3::8a2e:370:7334"],
    ["2001:0db8::0001:0000", "2001:db8::1:0"],
    ["2001:db8:0000:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:DB8:0:0:1::1", "2001:db8::1:0:0:1"],
    ["2001:db8:aaaa:bbbb:cccc:dddd::1", "2001:db8:aaaa:bbbb:cccc:dddd:0:1"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
    ["1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"],
    ["::1.2.3.4", "::102:304"],
    ["[::1]", "::1"],
    ["fd6c:88c0:8724:1:2:3:4:5", "fd6c:88c0:8724:1:2:3:4:5"],
    ["fe80::1%32", "fe80::1%32"],
    ["fe80::1%0", "fe80::1"],
    ["fe80::1%4294967295", "fe80::1%4294967295"],
  ])("%s is %s", (text, written) => {
    expect(parseAddress(text)!.network).toBe("ipv6");
    expect(canonical(text)).toBe(written);
  });

  test.each([
    ":::",
    ":",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "1::2::3",
    "12345::",
    "g::",
    ":1::",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "1:2:3:4:5:6:7:1.2.3.4",
    "fe80::1%",
    "fe80::1%eth0",
    "fe80::1%4294967296",
    "[::1",
  ])("%s is none", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test("that wraps IPv4 is IPv4", () => {
    expect(canonical("::FFFF:192.168.1.1")).toBe("192.168.1.1");
    expect(canonical("::ffff:0102:0304")).toBe("1.2.3.4");
    expect(canonical("::ffff:1.2.3.4%7")).toBe("1.2.3.4");
    expect(canonical("::fffe:1.2.3.4")).toBe("::fffe:102:304");
  });

  test("that wraps an internal address or Tor v2 is none", () => {
    expect(parseAddress("fd6b:88c0:8724:1:2:3:4:5")).toBeUndefined();
    expect(parseAddress("fd87:d87e:eb43::1")).toBeUndefined();
  });
});

describe("Tor", () => {
  test("version 3", () => {
    const address = parseAddress(TOR)!;
    expect([address.network, toHex(address.bytes)]).toEqual([
      "onion",
      "79bcc625184b05194975c28b66b66b0469f7f6556fb1ac3189a79b40dda32f1f",
    ]);
    expect(formatAddress(address)).toBe(TOR);
    expect(canonical(TOR.toUpperCase().replace("ONION", "onion"))).toBe(TOR);
  });

  test.each([
    ["version 2", "6hzph5hv6337r6p2.onion"],
    ["wrong checksum", "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscsad.onion"],
    ["wrong version", "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscrye.onion"],
    ["a zero byte inside", "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd\0wtf.onion"],
    ["too short", "mfrggzak.onion"],
    ["no base32", "mf*g zak.onion"],
    ["no suffix", TOR.slice(0, -6)],
    ["suffix in upper case", TOR.replace("onion", "ONION")],
  ])("%s is refused", (_, text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

describe("I2P", () => {
  test("in any case", () => {
    expect(parseAddress(I2P)!.network).toBe("i2p");
    expect(canonical("UDHDrtrcetjm5sxzskjyr5ztpeszydbh4dpl3pl4utgqqw2v4jna.b32.I2P")).toBe(I2P);
  });

  test.each([
    ["too few bytes", "udhdrtrcetjm5sxzskjyr5ztpeszydbh4dpl3pl4utgqqw2v4jn=.b32.i2p"],
    ["padding", "udhdrtrcetjm5sxzskjyr5ztpeszydbh4dpl3pl4utgqqw2v4jna=.b32.i2p"],
    ["bits left over", "udhdrtrcetjm5sxzskjyr5ztpeszydbh4dpl3pl4utgqqw2v4jnb.b32.i2p"],
    ["a zero byte inside", "udhdrtrcetjm5sxzskjyr5ztpeszydbh4dpl3pl4utgqqw2v\0wtf.b32.i2p"],
    ["encrypted lease set", "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscsad.b32.i2p"],
    ["no base32", "tp*szydbh4dp.b32.i2p"],
  ])("%s is refused", (_, text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

test("internal addresses are shown, not read", () => {
  expect(formatAddress(internalAddress("esffpp"))).toBe("esffpvrt3wpeaygy.internal");
  expect(parseAddress("esffpvrt3wpeaygy.internal")).toBeUndefined();
});

test("every address reads back from its text", () => {
  fc.assert(
    fc.property(networkAddresses, (address) => {
      fc.pre(address.network !== "internal");
      const kind: NetworkKind = address.network === "cjdns" ? "ipv6" : address.network;
      expect(parseAddress(formatAddress(address))).toEqual({ network: kind, bytes: address.bytes });
      const endpoint = { address: { network: kind, bytes: address.bytes }, port: 8333 };
      expect(parseEndpoint(formatEndpoint({ address, port: 8333 }), 1)).toEqual(endpoint);
    }),
  );
});

test("any text is an address or none", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:.%[\]]{0,45}$/)), (text) => {
      const address = parseAddress(text);
      if (address) expect(canonical(formatAddress(address))).toBe(formatAddress(address));
    }),
    { numRuns: 2000 },
  );
});

describe("endpoints", () => {
  test.each([
    ["127.0.0.1", "127.0.0.1:65535"],
    ["127.0.0.1:8333", "127.0.0.1:8333"],
    ["127.0.0.1:0", "127.0.0.1:0"],
    ["::ffff:127.0.0.1", "127.0.0.1:65535"],
    ["::", "[::]:65535"],
    ["[::]:8333", "[::]:8333"],
    ["::8333", "[::8333]:65535"],
    ["[127.0.0.1]", "127.0.0.1:65535"],
    ["[fe80::1%5]:1", "[fe80::1%5]:1"],
    [`${TOR}:8333`, `${TOR}:8333`],
    [`${I2P}:0`, `${I2P}:0`],
  ])("%s is %s", (text, written) => {
    expect(formatEndpoint(parseEndpoint(text, 65535)!)).toBe(written);
  });

  test.each([":::", "127.0.0.1:65536", "127.0.0.1:", "127.0.0.1:-1", "127.0.0.1:1E2", "localhost:8333", ":8333", ""])(
    "%j is none",
    (text) => {
      expect(parseEndpoint(text, 65535)).toBeUndefined();
    },
  );
});

describe("splitting host and port", () => {
  test.each([
    ["www.bitcoincore.org", "www.bitcoincore.org", undefined],
    ["[www.bitcoincore.org]", "www.bitcoincore.org", undefined],
    ["www.bitcoincore.org:80", "www.bitcoincore.org", 80],
    ["[www.bitcoincore.org]:80", "www.bitcoincore.org", 80],
    ["::ffff:127.0.0.1", "::ffff:127.0.0.1", undefined],
    ["[::ffff:127.0.0.1]:8333", "::ffff:127.0.0.1", 8333],
    [":8333", "", 8333],
    ["[]:8333", "", 8333],
    [":65535", "", 65535],
    ["", "", undefined],
  ])("%j", (text, host, port) => {
    expect(splitHostPort(text)).toEqual({ host, port, isValid: true });
  });

  test.each([
    [":65536", ":65536", undefined],
    ["[]:-0", "[]:-0", undefined],
    ["[]:0", "", 0],
    ["[]:1/2", "[]:1/2", undefined],
    ["127.0.0.1:0", "127.0.0.1", 0],
    ["www.bitcoincore.org:", "www.bitcoincore.org:", undefined],
  ])("%j has no valid port", (text, host, port) => {
    expect(splitHostPort(text)).toEqual({ host, port, isValid: false });
  });
});

describe("base32", () => {
  // RFC4648, section 10, without the padding.
  test.each([
    ["", ""],
    ["66", "my"],
    ["666f", "mzxq"],
    ["666f6f", "mzxw6"],
    ["666f6f62", "mzxw6yq"],
    ["666f6f6261", "mzxw6ytb"],
    ["666f6f626172", "mzxw6ytboi"],
  ])("%s is %s", (hex, text) => {
    expect(encodeBase32(fromHex(hex))).toBe(text);
    expect(decodeBase32(text.toUpperCase())).toEqual(fromHex(hex));
  });

  test.each(["m", "mz0", "mzx", "mz", "m y", "my=", "é", "m\u212a"])("%j is none", (text) => {
    expect(decodeBase32(text)).toBeUndefined();
  });

  test("there and back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        expect(decodeBase32(encodeBase32(bytes))).toEqual(bytes);
      }),
    );
  });
});
