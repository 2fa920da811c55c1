/** Which dialogs of the page are open, so that one that comes by itself does not come over another that somebody opened meanwhile. */

const open = new Set<string>();
const watchers = new Set<() => void>();

/** Notes that a dialog is open. Answers what notes that it is closed. */
export function noteOpen(id: string): () => void {
  open.add(id);
  tell();
  return () => {
    open.delete(id);
    tell();
  };
}

/** Whether no other one is open, or the dialog itself is already: others may come over it. */
export const mayOpen = (id: string): boolean => open.size === 0 || open.has(id);

export function watchOpen(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

function tell(): void {
  for (const watcher of watchers) watcher();
}
