import { describe, expect, test } from "vitest";
import { addressFilter, parseSubnet } from "./subnet.ts";

describe("-rpcallowip", () => {
  test.each([
    ["10.0.0.0/8", ["10.255.1.2", "::ffff:10.1.1.1"], ["11.0.0.1"]],
    ["10.0.0.0/255.0.0.0", ["10.255.1.2"], ["11.0.0.1"]],
    ["192.0.2.2", ["192.0.2.2"], ["192.0.2.3"]],
    ["fc00:db8:c0:ff:ee::/80", ["fc00:db8:c0:ff:ee::1"], ["fc00:db8:c0:ff:ef::1"]],
    ["[::1]", ["::1"], ["::2"]],
    ["0.0.0.0/0", ["8.8.8.8"], ["2001::1"]],
    ["::/0", ["2001::1"], ["8.8.8.8"]],
  ])("%s", (text, inside, outside) => {
    const mayCall = addressFilter([parseSubnet(text)!]);
    for (const address of inside) expect(mayCall(address), address).toBe(true);
    for (const address of outside) expect(mayCall(address), address).toBe(false);
  });

  test("loopback always, nothing else of itself", () => {
    const mayCall = addressFilter([]);
    expect(["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"].map(mayCall)).toEqual([true, true, true, true]);
    expect(["10.0.0.1", "", "localhost", "fe80::1%eth0"].map(mayCall)).toEqual([false, false, false, false]);
  });

  test.each(["", "foo", "10.0.0.0/33", "::/129", "10.0.0.0/8/8", "10.0.0.0/255.0.255.0", "10.0.0/8", "::/255.0.0.0"])(
    "%s is none",
    (text) => {
      expect(parseSubnet(text)).toBeUndefined();
    },
  );
});
