import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { ChevronDownIcon, LockIcon } from "@bitfleet/ui/icons.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type KeyboardEvent, type ReactElement, useState } from "react";
import { useDesktop } from "./desktop-context.tsx";
import classes from "./networks.module.css";
import type { OpenNetworks } from "./networks-state.ts";
import type { Profile } from "./profile.ts";
import { StandingLine } from "./standing-line.tsx";
import { desktopTexts } from "./texts.ts";
import { useStandings } from "./use-standings.ts";

const texts = desktopTexts.switcher;

interface SwitcherProps {
  readonly open: OpenNetworks;
  readonly active: Profile;
  /** Leads to the page of networks. */
  readonly onManage: () => void;
}

/** In the header: which network is shown, the others, and the lock. */
export function NetworkTools({ open, active, onManage }: SwitcherProps): ReactElement {
  const { networks } = useDesktop();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <span className={classes.edge} data-colour={active.colour} aria-hidden="true" />
      <button
        type="button"
        className={classes.switch}
        data-colour={active.colour}
        aria-haspopup="dialog"
        aria-label={texts.label(active.name)}
        title={active.url}
        onClick={() => setIsOpen(true)}
      >
        <span className={classes.mark} aria-hidden="true" />
        <span>{active.name}</span>
        <ChevronDownIcon size={14} />
      </button>
      {open.isRemembered && (
        <button
          type="button"
          className={classes.tool}
          aria-label={texts.lock}
          title={texts.lock}
          onClick={() => void networks.lock()}
        >
          <LockIcon size={18} />
        </button>
      )}
      <Dialog isOpen={isOpen} onClose={() => setIsOpen(false)} title={texts.title} size="small">
        <Choices
          isRemembered={open.isRemembered}
          profiles={open.profiles}
          active={active}
          onDone={() => setIsOpen(false)}
          onManage={() => {
            setIsOpen(false);
            onManage();
          }}
        />
      </Dialog>
    </>
  );
}

interface ChoicesProps {
  readonly isRemembered: boolean;
  readonly profiles: readonly Profile[];
  readonly active: Profile;
  readonly onDone: () => void;
  readonly onManage: () => void;
}

function Choices({ isRemembered, profiles, active, onDone, onManage }: ChoicesProps): ReactElement {
  const { networks } = useDesktop();
  const standings = useStandings(profiles);
  const choose = (id: string) => {
    onDone();
    void networks.switchTo(id).catch((error: unknown) => toast.failure(desktopTexts.list.failed, error));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLUListElement>) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const buttons = [...event.currentTarget.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[(at + by + buttons.length) % buttons.length]?.focus();
  };
  return (
    <>
      <ul className={classes.choices} onKeyDown={onKeyDown}>
        {profiles.map((profile, index) => {
          const isActive = profile.id === active.id;
          return (
            <li key={profile.id}>
              <button
                type="button"
                className={classes.choice}
                data-colour={profile.colour}
                aria-current={isActive}
                {...(isActive && { "data-autofocus": true })}
                onClick={() => choose(profile.id)}
              >
                <span className={classes.mark} aria-hidden="true" />
                <span className={classes.name}>{profile.name}</span>
                {index < 9 ? <kbd>g {index + 1}</kbd> : <span />}
                <span className={classes.under}>
                  <StandingLine standing={standings.get(profile.id)} />
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      <div className={classes.foot}>
        <Button variant="default" size="xs" onClick={onManage}>
          {texts.manage}
        </Button>
        {isRemembered && (
          <Button
            variant="default"
            size="xs"
            leftSection={<LockIcon size={14} />}
            onClick={() => {
              onDone();
              void networks.lock();
            }}
          >
            {texts.lock}
          </Button>
        )}
      </div>
    </>
  );
}
