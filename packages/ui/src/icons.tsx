import type { ReactElement, ReactNode } from "react";

/** Line icons, drawn here so that nothing is fetched. All are decoration: the control around them carries the label. */
function Icon({ size = 16, children }: { readonly size?: number; readonly children: ReactNode }): ReactElement {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const CopyIcon = (): ReactElement => (
  <Icon size={14}>
    <rect x="9" y="9" width="12" height="12" rx="2" />
    <path d="M5 15H4a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1h10a1 1 0 0 1 1 1v1" />
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
