/** Path and query of an address, as people read them; the address itself where it is none. */
export function pathOf(address: string): string {
  try {
    const url = new URL(address);
    return readable(`${url.pathname}${url.search}${url.hash}`);
  } catch {
    return address;
  }
}

/** What would hide in an address or turn it around: blanks, control characters, marks of direction. */
const UNSEEN = /[\s\p{C}]/gu;

/** `/%E2%9B%BA` as `/⛺`; what means something in an address, and what nobody sees, stays encoded. */
function readable(path: string): string {
  try {
    return decodeURI(path).replace(UNSEEN, encodeURIComponent);
  } catch {
    return path;
  }
}
