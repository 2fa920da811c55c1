/** Links between the documents: each leads to a file that is there and, with a `#`, to a heading in it. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize, resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");

function documents(): string[] {
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.md"], { cwd: ROOT });
  return listed
    .toString()
    .split("\n")
    .filter((path) => path !== "" && existsSync(join(ROOT, path)));
}

const textOf = (path: string) => readFileSync(join(ROOT, path), "utf8").replace(/^```[\s\S]*?^```/gm, "");

/** The name by which pages show a heading: without marks, small, dashes for spaces. */
function anchorOf(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\- ]/gu, "")
    .trim()
    .replaceAll(" ", "-");
}

function anchorsOf(path: string): ReadonlySet<string> {
  return new Set([...textOf(path).matchAll(/^#+ (.*)$/gm)].map((match) => anchorOf(match[1]!)));
}

/** Links of a document that lead nowhere. */
function deadLinks(path: string, text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? path : normalize(join(dirname(path), decodeURIComponent(file)));
    if (!existsSync(join(ROOT, target))) return true;
    return anchor !== undefined && target.endsWith(".md") && !anchorsOf(target).has(anchor);
  });
}

test.each(documents())("%s: every link leads somewhere", (path) => {
  expect(deadLinks(path, textOf(path))).toEqual([]);
});

test("a link to a file or heading that is not there is found", () => {
  const text =
    "[a](docs/none.md) [b](docs/api.md#no-such-heading) [c](docs/api.md#events) [d](https://example.com/x) [e](#start)";
  expect(deadLinks("README.md", text)).toEqual(["docs/none.md", "docs/api.md#no-such-heading"]);
});
