import { expect, test } from "vitest";
import { openFilesOf } from "./machine.ts";

test("the soft limit of open files", () => {
  const limits = (value: string) =>
    `Limit                     Soft Limit           Hard Limit           Units     \nMax processes             1                    2                    processes \nMax open files            ${value.padEnd(20)} 4096                 files     \n`;
  expect(openFilesOf(limits("1024"))).toBe(1024);
  expect(openFilesOf(limits("unlimited"))).toBeUndefined();
  expect(openFilesOf("something else")).toBeUndefined();
});
