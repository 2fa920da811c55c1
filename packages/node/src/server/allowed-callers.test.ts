import { describe, expect, test } from "vitest";
import { parseSubnet } from "../p2p/addresses/subnet.ts";
import { addressFilter } from "./allowed-callers.ts";

describe("-rpcallowip", () => {
  test.each([
    ["10.0.0.0/8", ["10.255.1.2", "::ffff:10.1.1.1"], ["11.0.0.1", "9.255.255.255"]],
    ["10.0.0.0/255.0.0.0", ["10.255.1.2"], ["11.0.0.1"]],
    ["192.0.2.2", ["192.0.2.2"], ["192.0.2.3"]],
    ["fc00:db8:c0:ff:ee::/80", ["fc00:db8:c0:ff:ee::1"], ["fc00:db8:c0:ff:ef::1"]],
    ["fe80::/10", ["fe80::1", "fe80::1%eth0"], ["fec0::1%eth0"]],
    ["[::1]", ["::1"], ["::2"]],
    ["0.0.0.0/0", ["8.8.8.8"], ["2001::1"]],
    ["::/0", ["2001::1"], ["8.8.8.8", "::ffff:8.8.8.8"]],
  ])("%s", (text, inside, outside) => {
    const mayCall = addressFilter([parseSubnet(text)!]);
    for (const address of inside) expect(mayCall(address), address).toBe(true);
    for (const address of outside) expect(mayCall(address), address).toBe(false);
  });

  test("several ranges", () => {
    const mayCall = addressFilter(["10.0.0.0/8", "192.168.1.1"].map((text) => parseSubnet(text)!));
    expect(["10.0.0.1", "192.168.1.1", "192.168.1.2"].map(mayCall)).toEqual([true, true, false]);
  });

  test("loopback always, nothing else of itself", () => {
    const mayCall = addressFilter([]);
    expect(["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"].map(mayCall)).toEqual([true, true, true, true]);
    expect(["10.0.0.1", "", "localhost", "fe80::1%eth0", "128.0.0.1", "::2"].map(mayCall)).toEqual(
      new Array(6).fill(false),
    );
  });
});
