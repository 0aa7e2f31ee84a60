/** Sigap's mark: a beacon, and the direction to it. */
export function Mark({ size }: { size: number }) {
  return (
    <svg class="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="16" r="14.5" fill="none" stroke="currentColor" stroke-width="1.5" opacity=".35" />
      <circle cx="16" cy="16" r="9" fill="none" stroke="currentColor" stroke-width="1.5" opacity=".6" />
      <path d="M16 5 L22.5 23 L16 19 L9.5 23 Z" fill="currentColor" />
    </svg>
  );
}
