import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BITFLEET, run, temporaryFolder } from "./test-node.ts";

/** Runs a line of the shell, in which `$0` is the program and `$1` a path. */
const shell = (line: string, path: string) => run("bash", ["-c", line, BITFLEET, path]);

describe("bitfleet secrets", () => {
  test("leaves no part of a treasury where it cannot be written", async () => {
    const file = join(temporaryFolder(), ".env");
    // Files may be this long in this process, as on a disk that is full.
    const full = await shell('ulimit -f 0; exec "$0" secrets --format env --out "$1"', file);
    expect(full.stderr).toBe(`Error: ${file} cannot be written (EFBIG).\n`);
    expect(full.code).toBe(1);
    expect(existsSync(file)).toBe(false);
    const free = await run(BITFLEET, ["secrets", "--format", "env", "--out", file]);
    expect(free.code).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).toMatch(/^TREASURY_MNEMONIC='(\w+ ){23}\w+'$/m);
  });

  test("says so where its output cannot be written, in a sentence", async () => {
    const full = await shell('exec "$0" secrets > "$1"', "/dev/full");
    expect(full.stderr).toContain("Error: The output cannot be written (ENOSPC).\n");
    expect(full.stderr).not.toContain(" at ");
    expect(full.code).toBe(1);
  });
});
