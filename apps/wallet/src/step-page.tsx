import { ArrowLeftIcon, SendIcon } from "@bitfleet/ui/icons.tsx";
import { textsOf } from "@bitfleet/ui/texts.ts";
import { ThemeToggle } from "@bitfleet/ui/theme-provider.tsx";
import { useSearch } from "@tanstack/react-router";
import { type ReactElement, type ReactNode, useEffect, useRef } from "react";
import { BrandMark } from "./brand.tsx";
import type { SendSearch } from "./send-search.ts";
import classes from "./step-page.module.css";
import { useWaitingLink } from "./waiting-link.ts";

const texts = textsOf({
  en: {
    brand: "Bitfleet Wallet",
    back: "Back",
    linkWaits: "A payment link waits, and opens as soon as the wallet is open.",
  },
});

interface StepPageProps {
  readonly title: string;
  readonly about?: ReactNode;
  readonly size?: "small" | "medium";
  /** Leads to the step before. */
  readonly onBack?: (() => void) | undefined;
  /** Another step of the same way: who hears or uses keys is told that the page is another one. */
  readonly isFurther?: boolean;
  readonly children: ReactNode;
}

/** A page with one thing to do, outside of the navigation: setting up, unlocking. */
export function StepPage(props: StepPageProps): ReactElement {
  const { title, about, size = "medium", onBack, isFurther = false, children } = props;
  // In the address bar while the wallet is locked, where a reload keeps it.
  const { uri } = useSearch({ strict: false }) as SendSearch;
  const hasLink = useWaitingLink() !== undefined || uri !== undefined;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    window.scrollTo(0, 0);
    if (isFurther) heading.current?.focus();
  }, [isFurther]);
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <span className={classes.brand}>
          <BrandMark size={28} />
          {texts.brand}
        </span>
        <ThemeToggle />
      </header>
      <main className={classes.main} data-size={size}>
        <div className={classes.top}>
          {onBack !== undefined && (
            <button type="button" className={classes.back} onClick={onBack}>
              <ArrowLeftIcon />
              {texts.back}
            </button>
          )}
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {about !== undefined && <p>{about}</p>}
        </div>
        {hasLink && (
          <p className={classes.link} role="status">
            <SendIcon size={16} />
            {texts.linkWaits}
          </p>
        )}
        {children}
      </main>
    </div>
  );
}
