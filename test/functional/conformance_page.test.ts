/** The table of docs/conformance.md, as `npm run conformance -- --write` keeps it. */
import { describe, expect, test } from "vitest";
// @ts-expect-error: a script in plain JavaScript, which needs no build
import { noteOf, parseCommand, updatedPage } from "../../scripts/conformance-plan.mjs";

const EMPTY = "# Title\n\n<!-- table: begin -->\n<!-- table: end -->\n\nEnd.\n";
const outcome = (command: string, result: string, seconds: number, note = "") => ({
  run: parseCommand(command),
  result,
  seconds,
  note,
});
const write = (page: string, ...outcomes: unknown[]): string => updatedPage(page, outcomes, "Bitcoin Core 31.99");

describe("the table", () => {
  test("is written between its marks, sorted, with its sums", () => {
    const page = write(EMPTY, outcome("b --v2transport", "FAIL", 3, "a | b <c>"), outcome("a", "PASS", 1));
    expect(page).toBe(`# Title

<!-- table: begin -->
1 passed, 1 failed, 0 skipped; scripts of Bitcoin Core 31.99.

| script | arguments | result | seconds | note |
|---|---|---|---|---|
| a |  | PASS | 1 |  |
| b | \`--v2transport\` | FAIL | 3 | a \\| b &lt;c> |
<!-- table: end -->

End.
`);
  });

  test("what did not run keeps its row, also when written twice", () => {
    const first = write(EMPTY, outcome("b --v2transport", "FAIL", 3, "a | b <c>"), outcome("a", "PASS", 1));
    expect(write(first)).toBe(first);
    expect(write(first, outcome("a", "PASS", 1))).toBe(first);
    expect(write(first, outcome("a --x", "SKIP", 0, "no"))).toContain(
      "| a |  | PASS | 1 |  |\n| a | `--x` | SKIP | 0 | no |",
    );
  });

  test("a note stays as long as the result does", () => {
    const first = write(EMPTY, outcome("a", "FAIL", 1, "by the run"));
    const edited = first.replace("by the run", "by hand");
    expect(write(edited, outcome("a", "FAIL", 2, "by the run"))).toContain("| a |  | FAIL | 2 | by hand |");
    expect(write(edited, outcome("a", "PASS", 2))).toContain("| a |  | PASS | 2 |  |");
  });

  test("a page without the marks is refused", () => {
    expect(() => write("# Title\n", outcome("a", "PASS", 1))).toThrow("the page has no lines");
  });
});

describe("a note", () => {
  test.each([
    ["Traceback:\nAssertionError: 1 != 2\n[node 0] Cleaning up", "FAIL", "AssertionError: 1 != 2"],
    [
      "OSError: ['/home/me/bin/bitcoin-cli', '-datadir=/tmp/x/run'] /wallet/a 1/2",
      "FAIL",
      "OSError: ['bitcoin-cli', '-datadir=run'] /wallet/a 1/2",
    ],
    [
      "x\ntest_framework.util.JSONRPCException: Method not found (-32601)\n",
      "FAIL",
      "test_framework.util.JSONRPCException: Method not found (-32601)",
    ],
    ["killed\n\n", "FAIL", "killed"],
    ["…Z TestFramework (WARNING): Test Skipped: zmq module missing.\n", "SKIP", "zmq module missing."],
    ["AssertionError: of no interest\n", "PASS", ""],
    [`ValueError: ${"x".repeat(200)}`, "FAIL", `ValueError: ${"x".repeat(127)}…`],
  ])("of %j where it is %s", (output, result, note) => {
    expect(noteOf(output, result)).toBe(note);
  });
});
