import { StorageError } from "./storage-error.ts";

/** What the operating system's codes mean for a directory of ours. */
export function storageErrorFor(error: unknown, path: string): StorageError {
  if (error instanceof StorageError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const cause = { cause: error };
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return new StorageError("full", path, `No space left on the disk while writing to ${path}.`, cause);
    case "ENOENT":
      return new StorageError("missing", path, `${path} does not exist.`, cause);
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new StorageError("io", path, `No permission to read and write ${path}.`, cause);
    case "ENOTDIR":
    case "EEXIST":
      return new StorageError("io", path, `${path} is not a directory.`, cause);
    case "EISDIR":
      return new StorageError("io", path, `${path} is a directory where a file is expected.`, cause);
    default:
      return new StorageError("io", path, `Cannot access ${path}: ${textOf(error)}.`, cause);
  }
}

/** What LevelDB's failures mean. `repairOption` is what rebuilds this database. */
export function levelErrorFor(error: unknown, path: string, repairOption: string): StorageError {
  if (error instanceof StorageError) return error;
  const cause = { cause: error };
  const inner = (error as { cause?: unknown }).cause ?? error;
  const code = (inner as NodeJS.ErrnoException).code ?? "";
  const text = textOf(inner);
  if (code === "LEVEL_LOCKED") {
    return new StorageError("locked", path, `The database in ${path} is in use by another process.`, cause);
  }
  if (/no space left on device|disk quota exceeded/i.test(text)) {
    return new StorageError("full", path, `No space left on the disk while writing to ${path}.`, cause);
  }
  if (/permission denied|read-only file system|operation not permitted/i.test(text)) {
    return new StorageError("io", path, `No permission to read and write ${path}.`, cause);
  }
  // A table that its manifest names but the disk has not: reported as an I/O error when it vanishes after opening.
  const isDamage = code === "LEVEL_CORRUPTION" || /\.(ldb|sst|log)\b.*no such file/i.test(text);
  if (isDamage) {
    const sentence = `The database in ${path} is damaged (${text}). Start again with ${repairOption} to rebuild it.`;
    return new StorageError("corrupt", path, sentence, cause);
  }
  if (code.startsWith("E")) return storageErrorFor(inner, path);
  return new StorageError("io", path, `The database in ${path} failed: ${text}.`, cause);
}

function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
}
