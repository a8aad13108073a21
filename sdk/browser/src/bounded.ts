/** Keeps a Map or Set at `max` entries: beyond them the one that was added first goes. */
export function forgetOldest<K>(kept: Map<K, unknown> | Set<K>, max: number): void {
  for (const oldest of kept.keys()) {
    if (kept.size <= max) return;
    kept.delete(oldest);
  }
}
