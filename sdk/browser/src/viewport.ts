import { guarded, listen } from './guard.js';

let size: { width: number; height: number } | undefined;

/** The size of the window in wire fields; undefined before the first frame. */
export function viewportSize(): object | undefined {
  return size && { viewport: size };
}

/** Asks for the size only where the layout is done anyway: asked at once, a page that loads would lay itself out for us. */
export function watchViewport(): void {
  const look = guarded(() => {
    size = { width: innerWidth, height: innerHeight };
  });
  requestAnimationFrame(look);
  listen(window, ['resize'], look);
}
