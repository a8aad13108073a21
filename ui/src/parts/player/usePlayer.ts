import { useSyncExternalStore } from 'react';
import type { Player, PlayerState } from './player.ts';

/** A part of what a player says of itself; drawn anew only when that part changes, so `select` gives a plain value. */
export function usePlayer<Value>(player: Player, select: (state: PlayerState) => Value): Value {
  return useSyncExternalStore(player.subscribe, () => select(player.state()));
}
