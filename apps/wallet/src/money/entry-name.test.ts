import { expect, test } from "vitest";
import { entryName } from "./entry-name.ts";

const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const SHORT = "bcrt1qw50…w7kygt080";

test.each([
  ["out", [ADDRESS], "", `To ${SHORT}`],
  ["out", [ADDRESS, "x", "y"], "", `To ${SHORT} and 2 more`],
  ["out", [], "", "To a script without an address"],
  ["out", [ADDRESS], "Rent", "Rent"],
  ["in", [ADDRESS], "", `At ${SHORT}`],
  ["in", [ADDRESS], "Wage", "Wage"],
  ["self", [ADDRESS], "", "Within the wallet"],
  ["self", [], "Tidied up", "Tidied up"],
  ["mined", [ADDRESS], "", "Mined"],
  ["mined", [ADDRESS], "Pool", "Mined: Pool"],
] as const)("what went %s at %j with the label %j is called %s", (direction, addresses, label, expected) => {
  expect(entryName({ direction, addresses, label })).toBe(expected);
});
