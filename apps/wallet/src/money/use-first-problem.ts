import { type RefObject, useEffect, useRef } from "react";

/**
 * Brings the first field that is wrong to the reader, who may have scrolled past it or hears the page. `trial` counts how often the form was
 * to be sent; nothing happens while what is wrong is said of what is being entered.
 */
export function useFirstProblem(trial: number): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (trial > 0) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [trial]);
  return form;
}
