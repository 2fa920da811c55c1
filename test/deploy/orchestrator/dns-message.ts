import type { DnsZone } from "./dns-zone.ts";

const TYPE_A = 1;
const TYPE_PTR = 12;
const CLASS_IN = 1;
const HEADER_BYTES = 12;
const TTL_SECONDS = 5;
/** RFC 1035, 4.2.1: what an answer by UDP may have where the question does not ask for more. */
const ANSWER_BYTES_MAX = 512;
/** The name of the question, by its place (RFC 1035, 4.1.4). */
const NAME_OF_QUESTION = Buffer.from([0xc0, HEADER_BYTES]);

/**
 * Answers a question of DNS (RFC 1035) from the zone: A and PTR; other types of a name that there is have no records, and a name
 * that there is not is NXDOMAIN. Undefined for what is no question of one name.
 */
export function answerDns(question: Buffer, zone: DnsZone): Buffer | undefined {
  const isResponse = question.length > HEADER_BYTES && (question[2]! & 0x80) !== 0;
  if (question.length <= HEADER_BYTES || isResponse || question.readUInt16BE(4) !== 1) return undefined;
  const parsed = readName(question);
  if (parsed === undefined || parsed.end + 4 > question.length) return undefined;
  const type = question.readUInt16BE(parsed.end);
  const [, reverse] = /^(\d+\.\d+\.\d+\.\d+)\.in-addr\.arpa$/.exec(parsed.name) ?? [];
  const pointer = reverse === undefined ? undefined : zone.names[reverse.split(".").reverse().join(".")];
  const addresses = zone.addresses[parsed.name];
  const records: Buffer[] = [];
  if (type === TYPE_A) for (const address of addresses ?? []) records.push(record(TYPE_A, addressBytes(address)));
  if (type === TYPE_PTR && pointer !== undefined) records.push(record(TYPE_PTR, nameBytes(pointer)));
  const exists = addresses !== undefined || pointer !== undefined;
  const header = Buffer.alloc(HEADER_BYTES);
  question.copy(header, 0, 0, 2);
  // An answer with authority, recursion as it was wished for and had; the code 3 says that there is no such name.
  header.writeUInt16BE(0x8480 | (question.readUInt16BE(2) & 0x0100) | (exists ? 0 : 3), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  const answer = Buffer.concat([header, question.subarray(HEADER_BYTES, parsed.end + 4), ...records]);
  if (answer.length > ANSWER_BYTES_MAX)
    throw new Error(`${parsed.name} has more records than an answer by UDP may have.`);
  return answer;
}

function readName(message: Buffer): { name: string; end: number } | undefined {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > 63) return undefined;
    if (length === 0) return { name: labels.join(".").toLowerCase(), end: at + 1 };
    labels.push(message.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
}

function record(type: number, data: Buffer): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(CLASS_IN, 2);
  fixed.writeUInt32BE(TTL_SECONDS, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([NAME_OF_QUESTION, fixed, data]);
}

const addressBytes = (address: string) => Buffer.from(address.split(".").map(Number));

function nameBytes(name: string): Buffer {
  const labels = name
    .split(".")
    .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, "latin1")]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}
