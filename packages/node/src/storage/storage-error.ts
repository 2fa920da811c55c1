/** What went wrong on disk, as far as the operator can act on it. */
export type StorageErrorKind =
  /** Another process holds the directory. */
  | "locked"
  /** The data is damaged: rebuilding from blocks helps, trying again does not. */
  | "corrupt"
  /** A file or directory that must be there is not. */
  | "missing"
  /** No space left. */
  | "full"
  /** The options contradict what the directory was made with. */
  | "options"
  /** Anything else the operating system refused: permissions, not a directory, a failing device. */
  | "io";

/** A failure of the disk or of what lies on it: one plain sentence that names what and where, and what helps. */
export class StorageError extends Error {
  readonly kind: StorageErrorKind;
  /** File or directory. */
  readonly path: string;

  constructor(kind: StorageErrorKind, path: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StorageError";
    this.kind = kind;
    this.path = path;
  }
}
