/** Where a list was left, so that the way back from one of its rows leads there; kept for this tab. */

const nameOf = (signal: string) => `diptych.list.${signal}`;

export function keepList(signal: string, search: object): void {
  try {
    window.sessionStorage.setItem(nameOf(signal), JSON.stringify(search));
  } catch {
    // A browser that keeps nothing leads back to the list as it is at first.
  }
}

/** The search of the list as it was left; empty when it was not seen in this tab. */
export function lastList<Search extends object>(signal: string): Partial<Search> {
  try {
    const kept: unknown = JSON.parse(window.sessionStorage.getItem(nameOf(signal)) ?? '{}');
    return typeof kept === 'object' && kept !== null ? (kept as Partial<Search>) : {};
  } catch {
    return {};
  }
}
