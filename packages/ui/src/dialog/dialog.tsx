import { type ReactElement, type ReactNode, useId, useLayoutEffect, useRef, useSyncExternalStore } from "react";
import iconButton from "../icon-button.module.css";
import { CloseIcon } from "../icons.tsx";
import classes from "./dialog.module.css";
import { mayOpen, noteOpen, watchOpen } from "./open-dialogs.ts";

interface DialogProps {
  readonly isOpen: boolean;
  /** Asked to close: Escape, a click beside it, the button. */
  readonly onClose: () => void;
  /** What it is about: its heading, or without one (`hasHeading`) its name for who hears it. */
  readonly title: string;
  readonly hasHeading?: boolean;
  /** Where it stands: in the middle, a drawer at a side, or near the top as a palette does. */
  readonly side?: "middle" | "left" | "right" | "top";
  /** Widest it gets. */
  readonly size?: "small" | "medium" | "large";
  /** An answer is needed: a click beside it does not close it. */
  readonly isModalOnly?: boolean;
  /** It comes by itself, some time after it was asked for: where another one was opened meanwhile, it waits until that is closed. */
  readonly isPatient?: boolean;
  readonly children: ReactNode;
}

/**
 * A dialog or drawer above the page, as the browser's own `<dialog>`: it keeps the focus within, gives it back, and makes the rest
 * inert, without a style element that the page's policy would forbid. The element marked `data-autofocus` has the focus first.
 * Children live while it is open.
 */
export function Dialog(props: DialogProps): ReactElement {
  const { onClose, title, hasHeading = true, side = "middle", size = "medium", isModalOnly = false } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const isItsTurn = useSyncExternalStore(watchOpen, () => !props.isPatient || mayOpen(id));
  const isOpen = props.isOpen && isItsTurn;
  useLayoutEffect(() => (isOpen ? noteOpen(id) : undefined), [isOpen, id]);
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element === null || element.open === isOpen) return;
    if (!isOpen) return element.close();
    element.showModal();
    // What is read first stays in sight: on a phone the button may be below.
    element.querySelector<HTMLElement>("[data-autofocus]")?.focus({ preventScroll: true });
  }, [isOpen]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the key for it is Escape, which the browser hands to onCancel
    <dialog
      ref={dialog}
      className={classes.dialog}
      data-side={side}
      data-size={size}
      {...(hasHeading ? { "aria-labelledby": id } : { "aria-label": title })}
      onCancel={(event) => {
        // Whether it closes is the owner's business.
        event.preventDefault();
        onClose();
      }}
      // Heard a little later: it may be open again by then, with another question.
      onClose={({ currentTarget }) => isOpen && !currentTarget.open && onClose()}
      onClick={(event) => {
        if (event.target === dialog.current && !isModalOnly) onClose();
      }}
    >
      {isOpen && (
        <div className={classes.body}>
          {hasHeading && (
            <div className={classes.head}>
              <h2 id={id}>{title}</h2>
              <button
                type="button"
                className={`${iconButton.button} ${classes.close}`}
                aria-label="Close"
                onClick={onClose}
              >
                <CloseIcon />
              </button>
            </div>
          )}
          {props.children}
        </div>
      )}
    </dialog>
  );
}

/** The buttons at a dialog's end, the one that does it last. */
export function DialogButtons({ children }: { readonly children: ReactNode }): ReactElement {
  return <div className={classes.buttons}>{children}</div>;
}
