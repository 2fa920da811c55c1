import type { ReactElement, ReactNode } from "react";
import classes from "./icons.module.css";

/**
 * Line icons, drawn here so that nothing is fetched. All are decoration: the control around them carries the label. How lines are drawn is in the
 * style sheet: attributes of each would cost more than all else of it, and tables have many.
 */
function Icon({ size = 16, children }: { readonly size?: number; readonly children: ReactNode }): ReactElement {
  return (
    <svg className={classes.icon} width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      {children}
    </svg>
  );
}

export const CopyIcon = (): ReactElement => (
  <Icon size={14}>
    <path d="M11 9h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-8a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2ZM5 15H4a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1h10a1 1 0 0 1 1 1v1" />
  </Icon>
);

export const CheckIcon = (): ReactElement => (
  <Icon size={14}>
    <path d="M4 12.5 9.5 18 20 6.5" />
  </Icon>
);

export const SunIcon = (): ReactElement => (
  <Icon size={18}>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 2v2m0 16v2M2 12h2m16 0h2M4.9 4.9l1.4 1.4m11.4 11.4 1.4 1.4m0-14.2-1.4 1.4M6.3 17.7l-1.4 1.4" />
  </Icon>
);

export const MoonIcon = (): ReactElement => (
  <Icon size={18}>
    <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z" />
  </Icon>
);

export const SearchIcon = (): ReactElement => (
  <Icon size={16}>
    <circle cx="11" cy="11" r="7" />
    <path d="m20 20-4-4" />
  </Icon>
);

export const ArrowLeftIcon = (): ReactElement => (
  <Icon>
    <path d="M19 12H5m6-6-6 6 6 6" />
  </Icon>
);

export const ArrowRightIcon = (): ReactElement => (
  <Icon>
    <path d="M5 12h14m-6-6 6 6-6 6" />
  </Icon>
);

export const CubeIcon = ({ size = 24 }: { readonly size?: number }): ReactElement => (
  <Icon size={size}>
    <path d="m12 2.5 8.5 4.75v9.5L12 21.5l-8.5-4.75v-9.5L12 2.5Z" />
    <path d="M3.5 7.25 12 12l8.5-4.75M12 12v9.5" />
  </Icon>
);

export const UnpluggedIcon = ({ size = 24 }: { readonly size?: number }): ReactElement => (
  <Icon size={size}>
    <path d="m3 3 18 18M9 4v4m6-4v4M7 8h1m4 0h5v3a5 5 0 0 1-1 3m-2.3 1.6A5 5 0 0 1 7 11V9m5 7v5" />
  </Icon>
);

export const AlertIcon = ({ size = 24 }: { readonly size?: number }): ReactElement => (
  <Icon size={size}>
    <path d="M12 3 2 20.5h20L12 3Zm0 7v5m0 2.8v.1" />
  </Icon>
);

interface Look {
  readonly size?: number;
}

const shapes = {
  hourglass: "M6 3h12M6 21h12M7.5 3v3.5L12 12l4.5-5.5V3M7.5 21v-3.5L12 12l4.5 5.5V21",
  snowflake: "M12 2.5v19M3.8 7.2l16.4 9.6M20.2 7.2 3.8 16.8M9.5 4.5 12 7l2.5-2.5M9.5 19.5 12 17l2.5 2.5",
  share:
    "M18 3a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM6 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM18 15a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8.6 10.6l6.8-3.2M8.6 13.4l6.8 3.2",
  arrowIn: "M18 6 7 17m0-9v9h9",
  arrowOut: "M6 18 17 7m-9 0h9v9",
  rocket: "M5 19l3-3M12 15l-3-3c1-4 4-8 10-9-1 6-5 9-9 10l2 2ZM9 12H5l2-4h4M12 15v4l4-2v-4",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4.5 20.5c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5",
  people:
    "M9 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM2.5 19.5c.8-3.6 3.4-5 6.5-5s5.7 1.4 6.5 5M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14.8c1.9.7 3.1 2.2 3.5 4.7",
  gauge: "M4 17a9 9 0 1 1 16 0M12 14l4-5",
  blocks: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  layers: "m12 3 9 5-9 5-9-5 9-5ZM3 12.5l9 5 9-5M3 16.5l9 5 9-5",
  at: "M16 12a4 4 0 1 1-1.2-2.8M16 8v5.5a2.5 2.5 0 0 0 5 0V12a9 9 0 1 0-3.5 7.1",
  transfer: "M4 8h15m-4-4 4 4-4 4M20 16H5m4-4-4 4 4 4",
  send: "M21 3 3 10.5l7 3.5 3.5 7L21 3ZM10 14l5-5",
  pick: "M4 8c5-5 11-5 16 0M14.5 6.5 5 20l-2-1.5L12.5 5",
  network:
    "M12 4a2 2 0 1 0 0 4 2 2 0 0 0 0-4ZM5 16a2 2 0 1 0 0 4 2 2 0 0 0 0-4ZM19 16a2 2 0 1 0 0 4 2 2 0 0 0 0-4ZM11 8l-5 8M13 8l5 8M7 18h10",
  wallet: "M4 7a2 2 0 0 1 2-2h11v3M4 7v10a2 2 0 0 0 2 2h14V8H6a2 2 0 0 1-2-1ZM16.5 13.5h.1",
  terminal: "M4 5h16v14H4zM7.5 9.5 10 12l-2.5 2.5M12.5 14.5H16",
  heart: "M3 12h4l2-5 4 10 2-5h6",
  gear: "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM12 2.5v3m0 13v3M2.5 12h3m13 0h3M5.3 5.3l2.1 2.1m9.2 9.2 2.1 2.1m0-13.4-2.1 2.1m-9.2 9.2-2.1 2.1",
  bug: "M8 9a4 4 0 0 1 8 0v5a4 4 0 0 1-8 0V9ZM12 10v8M4 8l4 2M20 8l-4 2M3 14h5M21 14h-5M5 20l4-3M19 20l-4-3M9 5 7.5 3M15 5l1.5-2",
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6 6 18",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM12 11v5M12 7.6v.1",
  chevronRight: "m9 5 7 7-7 7",
  chevronDown: "m5 9 7 7 7-7",
  sortUp: "m6 14 6-6 6 6",
  sortDown: "m6 10 6 6 6-6",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  play: "M7 4.5v15l12-7.5-12-7.5Z",
  pause: "M8 5v14M16 5v14",
  stepForward: "M5 5v14l9-7-9-7ZM18 5v14",
  stepBack: "M19 5v14l-9-7 9-7ZM6 5v14",
  external: "M14 4h6v6M20 4l-9 9M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5",
  download: "M12 4v11m-5-4 5 5 5-5M4 20h16",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5",
  key: "M15.5 4a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM12.3 11.7 4 20m2.5-2.5L9 20m1-6 2.5 2.5",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM12 7v5l3.5 2",
  refresh: "M20 11a8 8 0 1 0-2.3 6.3M20 5v6h-6",
  filter: "M4 5h16l-6 8v6l-4-2v-4L4 5Z",
  columns: "M4 5h16v14H4zM9.5 5v14M14.5 5v14",
  keyboard: "M3 6h18v12H3zM7 10h.1M11 10h.1M15 10h.1M8 14h8",
  system: "M4 5h16v11H4zM9 20h6M12 16v4",
  cut: "M8.5 8.5 20 18M8.5 15.5 20 6M6 4a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM6 14a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z",
  grip: "M9 6h.1M9 12h.1M9 18h.1M15 6h.1M15 12h.1M15 18h.1",
  rewind: "M11 5v14l-8-7 8-7ZM21 5v14l-8-7 8-7Z",
  droplet: "M12 3s7 7.4 7 11.5a7 7 0 0 1-14 0C5 10.4 12 3 12 3Z",
  code: "m8 7-5 5 5 5M16 7l5 5-5 5",
  home: "M4 11.5 12 4l8 7.5M6 9.8V20h4.5v-5.5h3V20H18V9.8",
  globe: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM3.5 12h17M12 3c3 3 3.5 6 3.5 9s-.5 6-3.5 9c-3-3-3.5-6-3.5-9s.5-6 3.5-9",
  upload: "M12 15V4m-5 4 5-5 5 5M4 20h16",
  copies: "M9 9h11v11H9zM5 15H4V4h11v1",
  arrowUp: "M12 20V5m-6 6 6-6 6 6",
  arrowDown: "M12 4v15m-6-6 6 6 6-6",
  inbox: "M12 3.5v10m-4.5-4.5L12 13.5l4.5-4.5M4 14v5.5h16V14",
  pen: "M4 20l1-4.5L16.5 4 20 7.5 8.5 19 4 20ZM14 6.5l3.5 3.5",
  dots: "M5 12h.1M12 12h.1M19 12h.1",
  scan: "M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M4 12h16",
  qr: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 18h2v2h-2zM18 14h2M14 18v2",
} as const;

function shaped(path: string, defaultSize: number): (look: Look) => ReactElement {
  return ({ size = defaultSize }) => (
    <Icon size={size}>
      <path d={path} />
    </Icon>
  );
}

export const HourglassIcon = shaped(shapes.hourglass, 16);
export const SnowflakeIcon = shaped(shapes.snowflake, 16);
export const ShareIcon = shaped(shapes.share, 16);
export const ArrowInIcon = shaped(shapes.arrowIn, 16);
export const ArrowOutIcon = shaped(shapes.arrowOut, 16);
export const RocketIcon = shaped(shapes.rocket, 16);
export const PersonIcon = shaped(shapes.person, 16);
export const PeopleIcon = shaped(shapes.people, 16);
export const GlobeIcon = shaped(shapes.globe, 18);
export const UploadIcon = shaped(shapes.upload, 16);
export const CopiesIcon = shaped(shapes.copies, 16);
export const ArrowUpIcon = shaped(shapes.arrowUp, 16);
export const ArrowDownIcon = shaped(shapes.arrowDown, 16);
export const GaugeIcon = shaped(shapes.gauge, 18);
export const BlocksIcon = shaped(shapes.blocks, 18);
export const LayersIcon = shaped(shapes.layers, 18);
export const AtIcon = shaped(shapes.at, 18);
export const TransferIcon = shaped(shapes.transfer, 18);
export const SendIcon = shaped(shapes.send, 18);
export const PickIcon = shaped(shapes.pick, 18);
export const NetworkIcon = shaped(shapes.network, 18);
export const WalletIcon = shaped(shapes.wallet, 18);
export const TerminalIcon = shaped(shapes.terminal, 18);
export const HeartIcon = shaped(shapes.heart, 18);
export const GearIcon = shaped(shapes.gear, 18);
export const BugIcon = shaped(shapes.bug, 18);
export const MenuIcon = shaped(shapes.menu, 18);
export const CloseIcon = shaped(shapes.close, 16);
export const InfoIcon = shaped(shapes.info, 16);
export const ChevronRightIcon = shaped(shapes.chevronRight, 16);
export const ChevronDownIcon = shaped(shapes.chevronDown, 16);
export const SortUpIcon = shaped(shapes.sortUp, 16);
export const SortDownIcon = shaped(shapes.sortDown, 16);
export const PlusIcon = shaped(shapes.plus, 16);
export const MinusIcon = shaped(shapes.minus, 16);
export const TrashIcon = shaped(shapes.trash, 16);
export const PlayIcon = shaped(shapes.play, 16);
export const PauseIcon = shaped(shapes.pause, 16);
export const StepForwardIcon = shaped(shapes.stepForward, 16);
export const StepBackIcon = shaped(shapes.stepBack, 16);
export const ExternalIcon = shaped(shapes.external, 16);
export const DownloadIcon = shaped(shapes.download, 16);
export const EyeIcon = shaped(shapes.eye, 16);
export const KeyIcon = shaped(shapes.key, 16);
export const LockIcon = shaped(shapes.lock, 16);
export const ClockIcon = shaped(shapes.clock, 16);
export const RefreshIcon = shaped(shapes.refresh, 16);
export const FilterIcon = shaped(shapes.filter, 16);
export const ColumnsIcon = shaped(shapes.columns, 16);
export const KeyboardIcon = shaped(shapes.keyboard, 16);
export const SystemIcon = shaped(shapes.system, 16);
export const CutIcon = shaped(shapes.cut, 16);
export const GripIcon = shaped(shapes.grip, 16);
export const RewindIcon = shaped(shapes.rewind, 16);
export const DropletIcon = shaped(shapes.droplet, 16);
export const CodeIcon = shaped(shapes.code, 16);
export const ScanIcon = shaped(shapes.scan, 16);
export const QrIcon = shaped(shapes.qr, 16);
export const HomeIcon = shaped(shapes.home, 18);
export const InboxIcon = shaped(shapes.inbox, 18);
export const PenIcon = shaped(shapes.pen, 18);
export const DotsIcon = shaped(shapes.dots, 18);
