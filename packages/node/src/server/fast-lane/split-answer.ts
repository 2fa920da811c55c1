/**
 * An answer without the headers of `names` (lower case), in the parts before and behind the place where the first of them stood; at
 * the end of the head where there is none. One part alone where no names are given. `headSize` counts the empty line.
 */
export function splitAnswer(
  bytes: Buffer,
  headSize: number,
  names: readonly string[],
): readonly [before: Buffer, after: Buffer | undefined] {
  if (names.length === 0) return [bytes, undefined];
  const lines = bytes
    .toString("latin1", 0, headSize - EMPTY_LINE_SIZE)
    .split("\r\n")
    .slice(0, -1);
  const isOwn = (line: string) => names.includes(line.split(":", 1)[0]!.toLowerCase());
  const first = lines.findIndex(isOwn);
  const at = first < 0 ? lines.length : first;
  const textOf = (part: readonly string[]) => part.map((line) => `${line}\r\n`).join("");
  const before = textOf(lines.slice(0, at));
  const after = textOf(lines.slice(at).filter((line) => !isOwn(line)));
  return [
    Buffer.from(before, "latin1"),
    Buffer.concat([Buffer.from(`${after}\r\n`, "latin1"), bytes.subarray(headSize)]),
  ];
}

const EMPTY_LINE_SIZE = 2;
