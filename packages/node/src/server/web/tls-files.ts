import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { Server } from "node:https";
import { createSecureContext } from "node:tls";
import type { Clock, Logger } from "../../ports.ts";

/** `-webtlscert` and `-webtlskey`: files in PEM form. */
export interface TlsFiles {
  /** The server's certificate, with those between it and a root behind it. */
  readonly certPath: string;
  readonly keyPath: string;
}

/** What is in them. */
export interface TlsContext {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly minVersion: "TLSv1.2";
}

/** A certificate or key that cannot be used: one sentence that names the file and what is wrong with it. */
export class TlsFileError extends Error {
  override readonly name = "TlsFileError";
}

/** How often the files are looked at: whoever renews certificates tells nobody. */
const LOOK_INTERVAL_MS = 5_000;

/** Reads certificate and key and checks that they belong together. Throws {@link TlsFileError}. */
export function readTlsFiles({ certPath, keyPath }: TlsFiles): TlsContext {
  const cert = bytesOf(certPath, "-webtlscert");
  const key = bytesOf(keyPath, "-webtlskey");
  const certificate = certificateIn(cert, certPath);
  if (!certificate.checkPrivateKey(keyIn(key, keyPath)))
    throw new TlsFileError(`The key in ${keyPath} is not that of the certificate in ${certPath}.`);
  const context = { cert, key, minVersion: "TLSv1.2" } as const;
  try {
    createSecureContext(context);
  } catch (error) {
    throw new TlsFileError(`The certificates in ${certPath} cannot be used: ${(error as Error).message}.`);
  }
  return context;
}

/** When a certificate ends, as seconds since 1970. */
export function certificateEndSeconds({ cert }: Pick<TlsContext, "cert">): number {
  return Math.floor(Date.parse(new X509Certificate(cert).validTo) / 1000);
}

function bytesOf(path: string, option: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "it does not exist" : (error as Error).message;
    throw new TlsFileError(`Cannot read the file of ${option}, ${path}: ${why}.`);
  }
}

function certificateIn(bytes: Buffer, path: string): X509Certificate {
  try {
    // The class would read the binary form too, which TLS does not.
    if (bytes.includes("-----BEGIN CERTIFICATE-----")) return new X509Certificate(bytes);
  } catch {
    // Said below.
  }
  throw new TlsFileError(`${path} holds no certificate in PEM form.`);
}

function keyIn(bytes: Buffer, path: string): KeyObject {
  try {
    return createPrivateKey(bytes);
  } catch {
    // Both forms of such keys have the word in a line of their own.
    const isLocked = bytes.includes("ENCRYPTED");
    const why = isLocked
      ? "a key that needs a passphrase, and there is nobody to give it"
      : "no private key in PEM form";
    throw new TlsFileError(`${path} holds ${why}.`);
  }
}

/** Takes new certificates into use when their files change; where those are of no use, the old ones stay. Returns what ends it. */
export function followTlsFiles(
  files: TlsFiles,
  server: Pick<Server, "setSecureContext">,
  deps: { readonly clock: Clock; readonly log: Logger },
): () => void {
  const { clock, log } = deps;
  let seen = stampOf(files);
  let cancel: () => void;
  const look = () => {
    const stamp = stampOf(files);
    if (stamp !== seen) {
      seen = stamp;
      try {
        server.setSecureContext(readTlsFiles(files));
        log.info("New certificate", { file: files.certPath });
      } catch (error) {
        log.error("The new certificate is of no use; the old one stays", { error: (error as Error).message });
      }
    }
    cancel = clock.after(LOOK_INTERVAL_MS, look);
  };
  cancel = clock.after(LOOK_INTERVAL_MS, look);
  return () => cancel();
}

/** Changes with either file: also where another file has taken its place, as Kubernetes has it with secrets. */
function stampOf({ certPath, keyPath }: TlsFiles): string {
  const stamps = [certPath, keyPath].map((path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined ? "none" : `${found.ino}:${found.mtimeMs}:${found.size}`;
  });
  return stamps.join();
}
