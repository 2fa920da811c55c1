/** Runs `action` at once and then at most once per interval while calls keep coming; the last call is never lost. */
export function throttle(action: () => void, intervalMs: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWaiting = false;
  const run = () => {
    isWaiting = false;
    action();
    timer = setTimeout(() => {
      timer = undefined;
      if (isWaiting) run();
    }, intervalMs);
  };
  return () => {
    if (timer === undefined) run();
    else isWaiting = true;
  };
}
