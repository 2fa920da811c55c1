import type { Socket } from "node:net";
import { concatBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Random } from "../../ports.ts";
import { type DialOptions, SocketError, type SocksProxy } from "./sockets.ts";

const SOCKS_VERSION = 5;
const METHOD_NONE = 0;
const METHOD_PASSWORD = 2;
const METHOD_UNACCEPTABLE = 0xff;
const PASSWORD_VERSION = 1;
const COMMAND_CONNECT = 1;
const ADDRESS_IPV4 = 1;
const ADDRESS_NAME = 3;
const ADDRESS_IPV6 = 4;

/** Longest name that RFC 1928 can express. */
const NAME_SIZE_MAX = 255;

/** Random bytes in user name and password: enough that no two connections share a circuit. */
const CREDENTIAL_SIZE = 8;

/** Meaning of the reply byte, RFC 1928 §6 and Tor's extensions. */
const REPLIES: ReadonlyMap<number, string> = new Map([
  [1, "general failure"],
  [2, "connection not allowed"],
  [3, "network unreachable"],
  [4, "host unreachable"],
  [5, "connection refused"],
  [6, "TTL expired"],
  [7, "protocol error"],
  [8, "address type not supported"],
  [0xf0, "onion service descriptor can not be found"],
  [0xf1, "onion service descriptor is invalid"],
  [0xf2, "onion service introduction failed"],
  [0xf3, "onion service rendezvous failed"],
  [0xf4, "onion service missing client authorization"],
  [0xf5, "onion service wrong client authorization"],
  [0xf6, "onion service invalid address"],
  [0xf7, "onion service introduction timed out"],
]);

/**
 * Asks the SOCKS5 proxy at the other end of `socket` (RFC 1928, 1929) to connect to `target`; names are resolved by the proxy. On
 * return the stream is the target's. Rejects with `SocketError`, the socket destroyed.
 */
export async function connectThroughSocks5(
  socket: Socket,
  target: { readonly host: string; readonly port: number },
  proxy: SocksProxy,
  random: Pick<Random, "bytes">,
  options: DialOptions,
): Promise<void> {
  const replies = new ReplyReader(socket, options);
  try {
    await authenticate(socket, replies, proxy, random);
    await requestConnection(socket, replies, target);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    replies.release();
  }
}

async function authenticate(
  socket: Socket,
  replies: ReplyReader,
  { credentials }: SocksProxy,
  random: Pick<Random, "bytes">,
): Promise<void> {
  const methods = credentials === "random" ? [METHOD_NONE, METHOD_PASSWORD] : [METHOD_NONE];
  socket.write(Uint8Array.of(SOCKS_VERSION, methods.length, ...methods));
  const [version, method] = await replies.read(2);
  if (version !== SOCKS_VERSION) throw new SocketError("the proxy does not speak SOCKS5", true);
  if (method === METHOD_UNACCEPTABLE) throw new SocketError("the proxy wants another authentication", true);
  if (method === METHOD_NONE) return;
  if (method !== METHOD_PASSWORD || credentials !== "random") {
    throw new SocketError(`the proxy chose an authentication that was not offered (${method})`, true);
  }
  const user = new TextEncoder().encode(toHex(random.bytes(CREDENTIAL_SIZE)));
  socket.write(Uint8Array.of(PASSWORD_VERSION, user.length, ...user, user.length, ...user));
  const [passwordVersion, status] = await replies.read(2);
  if (passwordVersion !== PASSWORD_VERSION || status !== 0) throw new SocketError("the proxy refused us", true);
}

async function requestConnection(
  socket: Socket,
  replies: ReplyReader,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  const name = new TextEncoder().encode(host);
  if (name.length > NAME_SIZE_MAX) throw new SocketError(`the host name is longer than ${NAME_SIZE_MAX} bytes`);
  const head = Uint8Array.of(SOCKS_VERSION, COMMAND_CONNECT, 0, ADDRESS_NAME, name.length);
  socket.write(concatBytes(head, name, Uint8Array.of(port >> 8, port & 0xff)));
  const [version, reply, , addressType] = await replies.read(4);
  if (version !== SOCKS_VERSION) throw new SocketError("the proxy does not speak SOCKS5", true);
  if (reply !== 0) {
    const reason = REPLIES.get(reply!) ?? `reply ${reply}`;
    throw new SocketError(`the proxy could not connect to ${host}:${port}: ${reason}`);
  }
  await replies.read((await boundAddressSize(replies, addressType!)) + 2);
}

async function boundAddressSize(replies: ReplyReader, addressType: number): Promise<number> {
  if (addressType === ADDRESS_IPV4) return 4;
  if (addressType === ADDRESS_IPV6) return 16;
  if (addressType === ADDRESS_NAME) return (await replies.read(1))[0]!;
  throw new SocketError(`the proxy answered with an unknown address type (${addressType})`, true);
}

/** Reads exact numbers of bytes and leaves what follows them in the socket. */
class ReplyReader {
  readonly #socket: Socket;
  readonly #options: DialOptions;

  constructor(socket: Socket, options: DialOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.pause();
  }

  read(size: number): Promise<Uint8Array> {
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        socket.off("readable", onReadable).off("close", onClose).off("error", onClose);
        this.#options.signal.removeEventListener("abort", onClose);
        finish();
      };
      const onClose = () => settle(() => reject(new SocketError("the proxy closed the connection", true)));
      const onReadable = () => {
        const bytes = size === 0 ? new Uint8Array(0) : (socket.read(size) as Uint8Array | null);
        if (bytes !== null) settle(() => resolve(bytes));
      };
      const onTimeout = () => settle(() => reject(new SocketError("the proxy did not answer in time", true)));
      const timer = setTimeout(onTimeout, this.#options.timeoutMs);
      this.#options.signal.addEventListener("abort", onClose);
      socket.on("readable", onReadable).on("close", onClose).on("error", onClose);
      onReadable();
    });
  }

  /** Nobody listens for `readable` any more: the stream may flow. */
  release(): void {
    this.#socket.removeAllListeners("readable");
  }
}
