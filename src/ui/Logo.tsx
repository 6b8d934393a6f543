/** Water over a weir: one line passes, two are held back. */
export function Logo() {
  return (
    <svg width="24" height="20" viewBox="0 0 24 20" fill="none" strokeWidth="2" strokeLinecap="round" aria-hidden>
      <path d="M1 4h9.5c4.5 0 3 11 7.500 11H23" stroke="var(--accent)" />
      <path d="M1 10h7M1 16h7" stroke="var(--accent)" opacity="0.5" />
      <path d="M11.500 9v9.500" stroke="var(--ink-1)" />
    </svg>
  );
}
