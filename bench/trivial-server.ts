import { spawn } from "node:child_process";
import { once } from "node:events";

/** Answers whatever comes with the same bytes, in a process of its own: how fast the load can be at all. */
export async function trivialServer(): Promise<{ readonly port: number; stop(): void }> {
  const child = spawn(process.execPath, ["--eval", PROGRAM], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(child.stdout, "data");
  return { port: Number(line), stop: () => void child.kill() };
}

const PROGRAM = `
const answer = Buffer.from("HTTP/1.1 200 OK\\r\\nContent-Length: 600\\r\\n\\r\\n" + "x".repeat(600));
const server = require("node:net").createServer({ noDelay: true }, (socket) => {
  socket.on("data", () => socket.write(answer)).on("error", () => {});
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`;
