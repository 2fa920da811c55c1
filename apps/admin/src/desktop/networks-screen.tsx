import { PageHead } from "@bitfleet/ui/card.tsx";
import { desktopSession } from "@bitfleet/ui/desktop/desktop-session.ts";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import {
  ArrowDownIcon,
  ArrowUpIcon,
  CopiesIcon,
  DownloadIcon,
  GlobeIcon,
  PenIcon,
  PlusIcon,
  TrashIcon,
  UploadIcon,
} from "@bitfleet/ui/icons.tsx";
import { saveFile } from "@bitfleet/ui/save-file.ts";
import { Message } from "@bitfleet/ui/states.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type ChangeEvent, type ReactElement, useRef, useState } from "react";
import { NotFoundScreen } from "../not-found.tsx";
import type { NetworkStanding } from "./ask-network.ts";
import { useDesktop, useOpenNetworks } from "./desktop-context.tsx";
import classes from "./networks.module.css";
import { KEY_ROLES, type Profile, profilesAsJson, profilesFromJson } from "./profile.ts";
import { ProfileForm } from "./profile-form.tsx";
import { StandingLine } from "./standing-line.tsx";
import { desktopTexts } from "./texts.ts";
import { useStandings } from "./use-standings.ts";

const texts = desktopTexts.list;
const NONE: readonly Profile[] = [];

/** Which dialog is open: for a new network, or for one that is there. */
type Edited = "new" | Profile | undefined;

/** The page of the networks; a plain browser has none. */
export function NetworksRoute(): ReactElement {
  return desktopSession() === undefined ? <NotFoundScreen /> : <NetworksScreen />;
}

/** The networks that are remembered: how each is, and what can be done with them. */
export function NetworksScreen(): ReactElement | null {
  const { networks } = useDesktop();
  const open = useOpenNetworks();
  const profiles = open?.profiles ?? NONE;
  const standings = useStandings(profiles);
  // The program was told to show one that is not known yet.
  const isOffered = profiles.length > 0 && open?.active === undefined && open?.suggestedUrl !== undefined;
  const [edited, setEdited] = useState<Edited>(isOffered ? "new" : undefined);
  if (open === undefined) return null;
  const saved = (profile: Profile) => {
    const isNew = edited === "new" || edited === undefined;
    setEdited(undefined);
    toast.good(desktopTexts.form.saved(profile.name));
    if (isNew) void networks.switchTo(profile.id).catch(tell);
  };
  return (
    <>
      <PageHead
        title={texts.title}
        actions={
          profiles.length > 0 && (
            <>
              <FileButtons profiles={profiles} />
              <Button leftSection={<PlusIcon />} onClick={() => setEdited("new")}>
                {texts.add}
              </Button>
            </>
          )
        }
      >
        {texts.about(profiles.length)} {open.isRemembered ? texts.remembered : texts.forgotten}
      </PageHead>
      {open.problem !== undefined && (
        <p className={classes.alert} role="alert">
          <strong>{texts.problem}.</strong> {open.problem}
        </p>
      )}
      {profiles.length === 0 ? (
        <First suggestedUrl={open.suggestedUrl} onSaved={saved} />
      ) : (
        <ul className={classes.list}>
          {profiles.map((profile, index) => (
            <Row
              key={profile.id}
              profile={profile}
              standing={standings.get(profile.id)}
              isShown={profile.id === open.active?.id}
              isFirst={index === 0}
              isLast={index === profiles.length - 1}
              onEdit={() => setEdited(profile)}
            />
          ))}
        </ul>
      )}
      <Dialog
        isOpen={edited !== undefined}
        onClose={() => setEdited(undefined)}
        title={edited === undefined || edited === "new" ? texts.add : desktopTexts.form.editTitle(edited.name)}
        isModalOnly
      >
        <ProfileForm
          profile={edited === "new" ? undefined : edited}
          suggestedUrl={open.suggestedUrl}
          onSaved={saved}
          onCancel={() => setEdited(undefined)}
        />
      </Dialog>
    </>
  );
}

/** In the place of the list while there is nothing in it. */
function First({
  suggestedUrl,
  onSaved,
}: {
  readonly suggestedUrl: string | undefined;
  readonly onSaved: (profile: Profile) => void;
}): ReactElement {
  return (
    <div className={classes.first}>
      <Message title={texts.emptyTitle} icon={<GlobeIcon size={36} />}>
        {texts.emptyText} {texts.emptyHint} <code>bitfleet up</code>
      </Message>
      <section className={classes.sheet} aria-label={texts.add}>
        <ProfileForm profile={undefined} suggestedUrl={suggestedUrl} onSaved={onSaved} />
        <FileButtons profiles={NONE} />
      </section>
    </div>
  );
}

interface RowProps {
  readonly profile: Profile;
  readonly standing: NetworkStanding | undefined;
  readonly isShown: boolean;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onEdit: () => void;
}

function Row({ profile, standing, isShown, isFirst, isLast, onEdit }: RowProps): ReactElement {
  const { networks } = useDesktop();
  const confirm = useConfirm();
  const { id, name, url, colour, keys } = profile;
  const held = KEY_ROLES.filter((role) => keys[role] !== "");
  const remove = async () => {
    const isSure = await confirm({
      title: texts.removeTitle(name),
      text: texts.removeText,
      confirmLabel: texts.removeConfirm,
      isDangerous: true,
    });
    if (!isSure) return;
    await networks.remove(id).then(() => toast.good(texts.removed(name)), tell);
  };
  return (
    <li className={classes.row} data-colour={colour} aria-label={name}>
      <div className={classes.what}>
        <h2>
          {name}
          {isShown && <span className={classes.shown}>{texts.shown}</span>}
        </h2>
        <code className={classes.url}>{url}</code>
        <StandingLine standing={standing} />
        <span className={classes.held}>
          {held.length === 0 ? texts.noKeys : `${texts.keys}: ${held.map((role) => texts.roles[role]).join(", ")}`}
        </span>
      </div>
      <div className={classes.acts}>
        {!isShown && (
          <Button size="xs" aria-label={texts.openName(name)} onClick={() => void networks.switchTo(id).catch(tell)}>
            {texts.open}
          </Button>
        )}
        <span className={classes.icons}>
          <IconButton label={texts.edit(name)} icon={<PenIcon size={16} />} onClick={onEdit} />
          <IconButton
            label={texts.duplicate(name)}
            icon={<CopiesIcon />}
            onClick={() => void networks.duplicate(id).catch(tell)}
          />
          <IconButton
            label={texts.up(name)}
            icon={<ArrowUpIcon />}
            isOff={isFirst}
            onClick={() => void networks.move(id, -1).catch(tell)}
          />
          <IconButton
            label={texts.down(name)}
            icon={<ArrowDownIcon />}
            isOff={isLast}
            onClick={() => void networks.move(id, 1).catch(tell)}
          />
          <IconButton label={texts.remove(name)} icon={<TrashIcon />} onClick={() => void remove()} />
        </span>
      </div>
    </li>
  );
}

function IconButton({
  label,
  icon,
  isOff = false,
  onClick,
}: {
  readonly label: string;
  readonly icon: ReactElement;
  readonly isOff?: boolean;
  readonly onClick: () => void;
}): ReactElement {
  return (
    <button type="button" className={classes.icon} aria-label={label} title={label} disabled={isOff} onClick={onClick}>
      {icon}
    </button>
  );
}

/** Takes networks in from a file, and writes them into one. */
function FileButtons({ profiles }: { readonly profiles: readonly Profile[] }): ReactElement {
  const { networks } = useDesktop();
  const input = useRef<HTMLInputElement>(null);
  const take = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const [file] = target.files ?? [];
    if (file === undefined) return;
    try {
      const found = profilesFromJson(await file.text());
      if ("error" in found) return toast.bad(texts.importFailed, { text: found.error });
      const count = await networks.import(found);
      toast.good(texts.imported(count), { text: count === 0 ? undefined : texts.importedText });
    } catch (error) {
      toast.failure(texts.importFailed, error);
    } finally {
      // The same file once more is a choice too.
      target.value = "";
    }
  };
  return (
    <span className={classes.files}>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        className={classes.hidden}
        aria-label={texts.import}
        tabIndex={-1}
        onChange={(event) => void take(event)}
      />
      <Button variant="default" leftSection={<UploadIcon />} onClick={() => input.current?.click()}>
        {texts.import}
      </Button>
      {profiles.length > 0 && (
        <Button
          variant="default"
          leftSection={<DownloadIcon />}
          onClick={() => {
            saveFile(texts.exportName, profilesAsJson(profiles), "application/json");
            toast.good(texts.exported, { text: texts.exportedText });
          }}
        >
          {texts.export}
        </Button>
      )}
    </span>
  );
}

const tell = (error: unknown) => toast.failure(texts.failed, error);
