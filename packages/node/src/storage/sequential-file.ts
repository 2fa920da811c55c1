import { type FileHandle, open } from "node:fs/promises";
import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { DecodeError, Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { obfuscate } from "./obfuscation.ts";

/** Bytes that are read or written at once. */
const PIECE_BYTES = 1 << 20;
/** The longest record that is waited for: what claims to be longer is damaged. No transaction is larger. */
const RECORD_BYTES_MAX = 4_100_000;

/** Reads a file from its beginning, record by record, and holds no more of it than a record needs. */
export class SequentialReader {
  readonly #file: FileHandle;
  #key = new Uint8Array(0);
  /** Read and deobfuscated; what is before `#offset` is done with. */
  #piece: Uint8Array = new Uint8Array(0);
  #offset = 0;
  #pieceStart = 0;

  /** Rejects where the file cannot be opened. */
  static async open(path: string): Promise<SequentialReader> {
    return new SequentialReader(await open(path, "r"));
  }

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Everything from here on is obfuscated with `key`. */
  useKey(key: Uint8Array): void {
    obfuscate(this.#piece.subarray(this.#offset), key, this.#pieceStart + this.#offset);
    this.#key = Uint8Array.from(key);
  }

  /**
   * The next record, as `decode` reads it; called again with more of the file where that was not enough. Rejects with
   * `DecodeError` where the record is damaged, or the file ends within. What it returns may hold views.
   */
  async read<Value>(decode: (reader: Reader) => Value): Promise<Value> {
    for (;;) {
      const reader = new Reader(this.#piece, this.#offset);
      try {
        const value = decode(reader);
        this.#offset = reader.offset;
        return value;
      } catch (error) {
        if (!(error instanceof DecodeError) || !(await this.#readMore())) throw error;
      }
    }
  }

  /** False at the end of the file, and where no record can need more. */
  async #readMore(): Promise<boolean> {
    const rest = this.#piece.subarray(this.#offset);
    if (rest.length > RECORD_BYTES_MAX) return false;
    const start = this.#pieceStart + this.#offset;
    const more = new Uint8Array(Math.max(PIECE_BYTES, rest.length));
    const { bytesRead } = await this.#file.read(more, 0, more.length, start + rest.length);
    if (bytesRead === 0) return false;
    const read = more.subarray(0, bytesRead);
    obfuscate(read, this.#key, start + rest.length);
    // A new array: views of the old one stay as they are.
    this.#piece = concatBytes(rest, read);
    this.#pieceStart = start;
    this.#offset = 0;
    return true;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** Writes a file from its beginning, in pieces, so that others have their turns meanwhile. */
export class SequentialWriter {
  readonly #file: FileHandle;
  #key = new Uint8Array(0);
  #piece = new Writer();
  #size = 0;

  /** Replaces what is at `path`, readable for its owner alone. Rejects where it cannot. */
  static async create(path: string): Promise<SequentialWriter> {
    return new SequentialWriter(await open(path, "w", 0o600));
  }

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size + this.#piece.size;
  }

  /** Everything from here on is to be obfuscated with `key`. */
  async useKey(key: Uint8Array): Promise<void> {
    await this.#writePiece();
    this.#key = Uint8Array.from(key);
  }

  /** Appends what `encode` writes. */
  async write(encode: (writer: Writer) => void): Promise<void> {
    encode(this.#piece);
    if (this.#piece.size >= PIECE_BYTES) await this.#writePiece();
  }

  /** Forces everything to disk. */
  async commit(): Promise<void> {
    await this.#writePiece();
    await this.#file.datasync();
  }

  async #writePiece(): Promise<void> {
    const bytes = this.#piece.finish();
    this.#piece = new Writer();
    obfuscate(bytes, this.#key, this.#size);
    this.#size += bytes.length;
    await this.#file.writeFile(bytes);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
