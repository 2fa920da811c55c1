import { ConnectionNotice, ConnectionPill } from "@bitfleet/ui/connection.tsx";
import { ThemeToggle } from "@bitfleet/ui/theme-provider.tsx";
import { UnitToggle } from "@bitfleet/ui/units.tsx";
import { Link, Outlet } from "@tanstack/react-router";
import type { ReactElement } from "react";
import classes from "./layout.module.css";
import { SearchBox } from "./search-box.tsx";

/** What stands around every page. */
export function Layout(): ReactElement {
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#content">
        Skip to content
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link to="/" className={classes.brand} aria-label="Bitfleet, dashboard">
            <Logo />
            <span>Bitfleet</span>
          </Link>
          <nav className={classes.nav} aria-label="Main">
            <Link to="/" activeOptions={{ exact: true }}>
              Dashboard
            </Link>
            <Link to="/blocks" activeOptions={{ includeSearch: false }}>
              Blocks
            </Link>
          </nav>
          <div className={classes.search}>
            <SearchBox />
          </div>
          <div className={classes.tools}>
            <ConnectionPill />
            <UnitToggle />
            <ThemeToggle />
          </div>
        </div>
      </header>
      <main id="content" className={classes.main} tabIndex={-1}>
        <Outlet />
      </main>
      <ConnectionNotice />
    </div>
  );
}

function Logo(): ReactElement {
  return (
    <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">
      <path fill="#f7931a" d="M16 2 28.5 9v14L16 30 3.5 23V9Z" />
      <path fill="#ffc477" d="M16 2 28.5 9 16 16 3.5 9Z" />
      <path fill="#b85f00" d="M16 16 28.5 9v14L16 30Z" />
    </svg>
  );
}
