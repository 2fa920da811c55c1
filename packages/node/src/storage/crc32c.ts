/** CRC-32C (Castagnoli), the checksum of LevelDB's files. Eight table look-ups a time: about half a gigabyte a second. */

const POLYNOMIAL = 0x82f63b78;
const TABLE_COUNT = 8;
const tables = makeTables();

/** The checksum of `bytes`, unsigned. */
export function crc32c(bytes: Uint8Array): number {
  const t = tables;
  const size = bytes.length;
  let crc = 0xffffffff;
  let index = 0;
  for (; index + 8 <= size; index += 8) {
    crc ^= bytes[index]! | (bytes[index + 1]! << 8) | (bytes[index + 2]! << 16) | (bytes[index + 3]! << 24);
    crc =
      t[1792 + (crc & 0xff)]! ^
      t[1536 + ((crc >>> 8) & 0xff)]! ^
      t[1280 + ((crc >>> 16) & 0xff)]! ^
      t[1024 + (crc >>> 24)]! ^
      t[768 + bytes[index + 4]!]! ^
      t[512 + bytes[index + 5]!]! ^
      t[256 + bytes[index + 6]!]! ^
      t[bytes[index + 7]!]!;
  }
  for (; index < size; index++) crc = (crc >>> 8) ^ t[(crc ^ bytes[index]!) & 0xff]!;
  return ~crc >>> 0;
}

/** What LevelDB stores of a checksum, so that a checksum over data with checksums in it stays a good one. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Table k, at 256 k, advances a byte by k more zero bytes than table 0. */
function makeTables(): Int32Array {
  const made = new Int32Array(256 * TABLE_COUNT);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    made[byte] = crc;
  }
  for (let index = 256; index < made.length; index++) {
    const shorter = made[index - 256]!;
    made[index] = (shorter >>> 8) ^ made[shorter & 0xff]!;
  }
  return made;
}
