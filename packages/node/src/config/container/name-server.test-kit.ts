import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

const TYPE_A = 1;
const TYPE_PTR = 12;
const NO_SUCH_NAME = 3;

export interface NameServer {
  /** As a resolver takes it. */
  readonly address: string;
  /** Names that were asked for. */
  readonly asked: readonly string[];
  readonly close: () => Promise<void>;
}

/** A name server on loopback. `answer` gives the name (of an `….arpa` domain) or address of what is asked for; `undefined` where there is none. */
export async function startNameServer(answer: (name: string) => string | undefined): Promise<NameServer> {
  const socket = createSocket("udp4");
  const asked: string[] = [];
  socket.on("message", (query, from) => {
    const { name, end, type } = questionOf(query);
    asked.push(name);
    const text = answer(name);
    const data =
      text === undefined ? undefined : type === TYPE_PTR ? encodeName(text) : Buffer.from(text.split(".").map(Number));
    const isAnswered = data !== undefined && (type === TYPE_PTR || type === TYPE_A);
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(0x8180 | (isAnswered || data !== undefined ? 0 : NO_SUCH_NAME), 2);
    head.writeUInt16BE(isAnswered ? 1 : 0, 6);
    head.writeUInt32BE(0, 8);
    const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, data?.length ?? 0]);
    const parts = [head, query.subarray(12, end), ...(isAnswered ? [record, data!] : [])];
    socket.send(Buffer.concat(parts), from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    address: `127.0.0.1:${(socket.address() as AddressInfo).port}`,
    asked,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function questionOf(query: Buffer): { readonly name: string; readonly end: number; readonly type: number } {
  const labels: string[] = [];
  let at = 12;
  while (query[at] !== 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + query[at]!));
    at += query[at]! + 1;
  }
  return { name: labels.join("."), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function encodeName(name: string): Buffer {
  const labels = name.split(".").map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, "latin1"));
  return Buffer.concat([...labels, Buffer.of(0)]);
}
