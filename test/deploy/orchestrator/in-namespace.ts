/**
 * A program that runs inside a network namespace for the orchestrator, which is outside: it opens connections for it, each behind
 * a Unix socket of the file system that both have, and answers DNS. Arguments: path of the socket, address for DNS or nothing.
 */
import { createSocket } from "node:dgram";
import { connect, createServer, type Socket } from "node:net";
import { answerDns } from "./dns-message.ts";
import type { DnsZone } from "./dns-zone.ts";

const REQUEST_BYTES_MAX = 64;

const [socketPath, dnsAddress] = process.argv.slice(2);
let zone: DnsZone = { addresses: {}, names: {} };
process.on("message", (message) => {
  zone = message as DnsZone;
  process.send!("known");
});
process.on("disconnect", () => process.exit(0));

createServer({ allowHalfOpen: true }, serve).listen(socketPath, () => process.send!("listening"));
if (dnsAddress !== undefined) {
  const dns = createSocket("udp4");
  dns.on("message", (question, { address, port }) => {
    const answer = answerDns(question, zone);
    if (answer !== undefined) dns.send(answer, port, address);
  });
  dns.bind(53, dnsAddress);
}

/** The caller says `address port` in a line and hears `ok`, or the code of the error; from then on both sides hear each other. */
function serve(caller: Socket): void {
  let request = "";
  caller.on("error", () => caller.destroy());
  const onData = (bytes: Buffer) => {
    request += bytes.toString("latin1");
    if (request.length > REQUEST_BYTES_MAX) caller.destroy();
    if (!request.endsWith("\n")) return;
    caller.off("data", onData);
    caller.pause();
    const [address, port] = request.trim().split(" ");
    const target = connect({ host: address!, port: Number(port), allowHalfOpen: true, noDelay: true });
    let isConnected = false;
    caller.on("close", () => target.destroy());
    target.on("connect", () => {
      isConnected = true;
      caller.write("ok\n");
      caller.pipe(target);
      target.pipe(caller);
    });
    target.on("error", (error: NodeJS.ErrnoException) => {
      // A reset must not look like an orderly end.
      if (isConnected) caller.resetAndDestroy();
      else caller.end(`${error.code}\n`);
    });
  };
  caller.on("data", onData);
}
