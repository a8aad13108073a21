/** A share in words: `82 %`; `–` of nothing. */
export function shareWords(part: number, whole: number): string {
  return whole > 0 ? `${Math.round((part / whole) * 100)} %` : '–';
}

/** Below this many a share says little. */
export const FEW = 20;
