import { describe, expect, test } from "vitest";
import { desktopLook, rememberLook } from "./desktop-look.ts";

const pageWith = (attributes: Readonly<Record<string, string>>) => ({
  querySelector: (selectors: string) =>
    selectors === 'meta[name="bitfleet-desktop"]' ? { getAttribute: (name: string) => attributes[name] ?? null } : null,
});

describe("the look of a window", () => {
  test("is what the document says, as far as it is known", () => {
    expect(desktopLook(pageWith({ "data-theme": "light", "data-unit": "sats" }))).toEqual({
      theme: "light",
      unit: "sats",
    });
    expect(desktopLook(pageWith({ "data-theme": "pink" }))).toEqual({});
    expect(desktopLook(undefined)).toEqual({});
  });

  test("is told to the local process, and a program that is gone breaks nothing", async () => {
    const sent: unknown[] = [];
    rememberLook({ theme: "dark" }, async (path, options) => {
      sent.push([path, options?.method, options?.body]);
      throw new TypeError("gone");
    });
    await Promise.resolve();
    expect(sent).toEqual([["/desktop/look", "PUT", '{"theme":"dark"}']]);
  });
});
