import { expect, test } from "vitest";
import { commonPlace } from "./common-place.ts";

test.each([
  ["the dashboard stays", { fullPath: "/", isListed: true }, "/"],
  ["a list stays", { fullPath: "/blocks", isListed: true }, "/blocks"],
  ["a block of the other chain does not", { fullPath: "/block/$id", isListed: false }, "/"],
  ["a wallet of the other server does not", { fullPath: "/wallet/$name", isListed: true }, "/"],
  ["nor does a page that there is not", undefined, "/"],
])("on the way to another network %s", (_name, page, place) => {
  expect(commonPlace(page)).toBe(place);
});
