/** The name of a message as frames carry it: twelve bytes, zeros behind the name. */
export const MESSAGE_TYPE_SIZE = 12;

const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;

/** Writes `type` into the zeros at `offset`. Throws `RangeError` where it is no name: that would be our own mistake. */
export function writeMessageType(type: string, bytes: Uint8Array, offset: number): void {
  if (type.length > MESSAGE_TYPE_SIZE) throw new RangeError("a message type has at most 12 characters");
  for (let index = 0; index < type.length; index++) {
    const code = type.charCodeAt(index);
    if (code < FIRST_PRINTABLE || code > LAST_PRINTABLE) throw new RangeError("a message type is printable ASCII");
    bytes[offset + index] = code;
  }
}

/** What stands before the first zero of the twelve bytes, byte by byte, whether valid or not. */
export function readMessageType(field: Uint8Array): string {
  let type = "";
  for (let index = 0; index < MESSAGE_TYPE_SIZE && field[index] !== 0; index++) {
    type += String.fromCharCode(field[index]!);
  }
  return type;
}

/** Whether the twelve bytes are characters from space to `last` and then zeros only. */
export function isMessageType(field: Uint8Array, last: number = LAST_PRINTABLE): boolean {
  let index = 0;
  for (; index < MESSAGE_TYPE_SIZE && field[index] !== 0; index++) {
    if (field[index]! < FIRST_PRINTABLE || field[index]! > last) return false;
  }
  for (; index < MESSAGE_TYPE_SIZE; index++) if (field[index] !== 0) return false;
  return true;
}

/** `type` without what could confuse a log: the characters that Core lets through. */
export function printableMessageType(type: string): string {
  return type.replace(/[^a-zA-Z0-9 .,;\-_/:?@()]/g, "");
}
