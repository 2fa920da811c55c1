import { type ReactElement, useEffect, useRef, useState, useSyncExternalStore } from "react";
import iconButton from "../icon-button.module.css";
import { AlertIcon, CheckIcon, CloseIcon, InfoIcon } from "../icons.tsx";
import { dismissToast, shownToasts, type Toast, watchToasts } from "./toast-store.ts";
import classes from "./toasts.module.css";

/** Where toasts are shown: once in the application. They stand above dialogs too, and nothing moves for them. */
export function Toasts(): ReactElement {
  const toasts = useSyncExternalStore(watchToasts, shownToasts);
  const place = useRef<HTMLElement>(null);
  const newestId = toasts.at(-1)?.id;
  useEffect(() => {
    const element = place.current;
    if (element === null || element.showPopover === undefined) return;
    // Shown anew for each, so that it lies above whatever dialog was opened meanwhile.
    if (element.matches(":popover-open")) element.hidePopover();
    if (newestId !== undefined) element.showPopover();
  }, [newestId]);
  return (
    <section ref={place} className={classes.place} popover="manual" aria-label="Messages" data-testid="toasts">
      {/* Regions that are there before what they say, so that screen readers notice it. */}
      <div role="status">
        {toasts
          .filter(({ tone }) => tone !== "bad")
          .map((one) => (
            <ToastCard key={one.id} toast={one} />
          ))}
      </div>
      <div role="alert">
        {toasts
          .filter(({ tone }) => tone === "bad")
          .map((one) => (
            <ToastCard key={one.id} toast={one} />
          ))}
      </div>
    </section>
  );
}

function ToastCard({ toast }: { readonly toast: Toast }): ReactElement {
  const [isHeld, setIsHeld] = useState(false);
  useEffect(() => {
    if (toast.lifeMs === 0 || isHeld) return;
    const timer = setTimeout(() => dismissToast(toast.id), toast.lifeMs);
    return () => clearTimeout(timer);
  }, [toast, isHeld]);
  const { action } = toast;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it holds still while it is read; there is nothing to press
    <div
      className={classes.toast}
      data-tone={toast.tone}
      onPointerEnter={() => setIsHeld(true)}
      onPointerLeave={() => setIsHeld(false)}
      onFocus={() => setIsHeld(true)}
      onBlur={() => setIsHeld(false)}
    >
      <span className={classes.icon}>{ICONS[toast.tone]}</span>
      <div className={classes.text}>
        <strong>{toast.title}</strong>
        {toast.text !== undefined && <span>{toast.text}</span>}
        {action !== undefined && (
          <button
            type="button"
            className={classes.action}
            onClick={() => {
              dismissToast(toast.id);
              action.run();
            }}
          >
            {action.label}
          </button>
        )}
      </div>
      <button
        type="button"
        className={`${iconButton.button} ${classes.close}`}
        aria-label="Dismiss"
        onClick={() => dismissToast(toast.id)}
      >
        <CloseIcon />
      </button>
    </div>
  );
}

const ICONS = { good: <CheckIcon />, bad: <AlertIcon size={16} />, plain: <InfoIcon /> } as const;
