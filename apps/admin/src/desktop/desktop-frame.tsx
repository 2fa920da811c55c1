import { nameApp, usePageTitle } from "@bitfleet/ui/document-title.ts";
import { ThemeToggle } from "@bitfleet/ui/theme-provider.tsx";
import { Toasts } from "@bitfleet/ui/toasts/toasts.tsx";
import { type ReactElement, type ReactNode, useEffect } from "react";
import { BrandMark } from "../brand.tsx";
import classes from "./desktop-frame.module.css";
import { desktopTexts } from "./texts.ts";

interface FrameProps {
  readonly title: string;
  /** Wide for lists, narrow for a form. */
  readonly isWide?: boolean;
  readonly tools?: ReactNode;
  readonly children: ReactNode;
}

/** What stands around a screen that is of no network. */
export function DesktopFrame({ title, isWide = false, tools, children }: FrameProps): ReactElement {
  usePageTitle(title);
  // No network is named in the title bar of a window that is locked.
  useEffect(() => nameApp(desktopTexts.name), []);
  return (
    <div className={classes.frame}>
      <header className={classes.head}>
        <span className={classes.brand}>
          <BrandMark />
          {desktopTexts.app}
        </span>
        <span className={classes.tools}>
          {tools}
          <ThemeToggle />
        </span>
      </header>
      <main className={classes.main} data-wide={isWide}>
        {children}
      </main>
      <Toasts />
    </div>
  );
}

/** One question in the middle of the window. */
export function FrameCard({
  title,
  icon,
  children,
}: {
  readonly title: string;
  readonly icon: ReactElement;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <section className={classes.card} aria-labelledby="frame-title">
      <span className={classes.icon}>{icon}</span>
      <h1 id="frame-title">{title}</h1>
      {children}
    </section>
  );
}
