import { noSpaceError } from "./vault-sentences.ts";

/**
 * What has to be free beside a large write: Chromium's database writes some megabytes anew then, and where the disk gets full meanwhile
 * Chromium often takes it for damaged and throws it away, all of it. Small writes that find no space did no harm where that was tried.
 */
const RESERVE_BYTES = 16 * 1024 * 1024;
/** So much is written without a look: it takes time, and a full disk that is noticed lets browsers look for what to throw away. */
const UNCHECKED_BYTES_MAX = 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;
const RANDOM_BYTES_MAX = 65_536;
const FILE_NAME = "bitfleet-space";

/** Looks before large writes whether the disk has space, which no browser tells: by a file of the page's own that is thrown away. */
export class FreeSpace {
  #uncheckedBytes = 0;

  /** Rejects with `no-space` where a write of `bytes` might fill the disk. */
  async check(bytes: number): Promise<void> {
    this.#uncheckedBytes += bytes;
    if (this.#uncheckedBytes < UNCHECKED_BYTES_MAX) return;
    if (!(await canWrite(RESERVE_BYTES + 2 * bytes))) throw noSpaceError();
    this.#uncheckedBytes = 0;
  }
}

/** `true` also where the browser has no such files: only Chromium needs this, and it has. */
async function canWrite(bytes: number): Promise<boolean> {
  try {
    const folder = await navigator.storage.getDirectory();
    const file = await folder.getFileHandle(FILE_NAME, { create: true });
    const stream = await file.createWritable();
    try {
      const chunk = randomChunk();
      for (let written = 0; written < bytes; written += chunk.length) await stream.write(chunk);
    } finally {
      await stream.abort().catch(() => {});
    }
    await folder.removeEntry(FILE_NAME);
    return true;
  } catch (error) {
    return !(error instanceof DOMException && error.name === "QuotaExceededError");
  }
}

/** Random, so that no file system makes it smaller. */
function randomChunk(): Uint8Array<ArrayBuffer> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (let start = 0; start < chunk.length; start += RANDOM_BYTES_MAX) {
    crypto.getRandomValues(chunk.subarray(start, start + RANDOM_BYTES_MAX));
  }
  return chunk;
}
