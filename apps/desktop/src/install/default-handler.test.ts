import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { removeHandler, withoutHandler } from "./default-handler.ts";

const TYPE = "x-scheme-handler/bitcoin";
const OURS = "bitfleet-wallet.desktop";
const without = (text: string) => withoutHandler(text, TYPE, OURS);

test.each([
  ["what xdg-mime writes", `\n[Default Applications]\n${TYPE}=${OURS}\n`, "\n[Default Applications]\n"],
  [
    "a list",
    `[Default Applications]\n${TYPE}=${OURS};other.desktop;\n`,
    `[Default Applications]\n${TYPE}=other.desktop;\n`,
  ],
  [
    "the end of a list",
    `[Added Associations]\n${TYPE}=a.desktop;${OURS};\n`,
    `[Added Associations]\n${TYPE}=a.desktop;\n`,
  ],
  ["a list of it alone", `[Default Applications]\n${TYPE}=${OURS};\na=b\n`, "[Default Applications]\na=b\n"],
  [
    "lines by hand",
    `# mine\r\n [Default Applications]\r\n ${TYPE} = ${OURS} \r\nx=y`,
    "# mine\r\n [Default Applications]\r\nx=y",
  ],
  ["the last line without an end", `[Default Applications]\na=b\n${TYPE}=${OURS}`, "[Default Applications]\na=b\n"],
  [
    "twice",
    `[Default Applications]\n${TYPE}=${OURS}\n[Added Associations]\n${TYPE}=${OURS}\n`,
    "[Default Applications]\n[Added Associations]\n",
  ],
])("our program is taken out of %s", (_name, before, after) => {
  expect(without(before)).toBe(after);
});

test.each([
  "",
  "\n\n",
  `${TYPE}=${OURS}\n`,
  `[Removed Associations]\n${TYPE}=${OURS}\n`,
  `[Default Applications]\n#${TYPE}=${OURS}\n`,
  `[Default Applications]\n${TYPE}=my-${OURS}\n${TYPE}x=${OURS}\ntext/html=${OURS}\n`,
  `[Default Applications]\n${TYPE}=other.desktop; ;\n[\xff\xfe=\n`,
])("all else stays as it is: %j", (text) => {
  expect(without(text)).toBe(text);
});

test("a file is written anew with its mode, behind the link that leads to it, and left alone where nothing is to do", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bitfleet-mime-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [file, link] = [join(folder, "list"), join(folder, "mimeapps.list")];
  const rest = Buffer.concat([Buffer.from("[Default Applications]\n# \xe4"), Buffer.from([0xff, 0x80, 0x0a])]);
  writeFileSync(file, Buffer.concat([rest, Buffer.from(`${TYPE}=${OURS}\n`)]), { mode: 0o640 });
  symlinkSync(file, link);
  expect(await removeHandler(link, TYPE, OURS)).toBe(true);
  expect(readFileSync(file)).toEqual(rest);
  expect([statSync(file).mode & 0o777, lstatSync(link).isSymbolicLink()]).toEqual([0o640, true]);
  const { ino } = statSync(file);
  expect(await removeHandler(link, TYPE, OURS)).toBe(false);
  expect(statSync(file).ino).toBe(ino);
  expect(await removeHandler(join(folder, "none"), TYPE, OURS)).toBe(false);
  expect(readdirSync(folder).sort()).toEqual(["list", "mimeapps.list"]);
});
