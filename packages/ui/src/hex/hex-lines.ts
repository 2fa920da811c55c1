/** Hex as lines of so many bytes: pure, and nothing is cut before it is seen. */

const DIGITS_PER_BYTE = 2;
const BYTES_PER_GROUP = 4;
const OFFSET_DIGITS = 6;

/** How many lines the bytes fill. */
export function lineCount(hex: string, bytesPerLine: number): number {
  return Math.ceil(hex.length / (bytesPerLine * DIGITS_PER_BYTE));
}

/** One line, with a space behind every fourth byte. */
export function groupsOf(hex: string, lineIndex: number, bytesPerLine: number): string {
  const digits = bytesPerLine * DIGITS_PER_BYTE;
  const line = hex.slice(lineIndex * digits, (lineIndex + 1) * digits);
  return line.match(new RegExp(`.{1,${BYTES_PER_GROUP * DIGITS_PER_BYTE}}`, "g"))?.join(" ") ?? "";
}

/** Where a line begins, in hex digits. */
export function offsetText(offset: number): string {
  return offset.toString(16).padStart(OFFSET_DIGITS, "0");
}
