import { useMatch, useNavigate, useRouter } from '@tanstack/react-router';
import { useCallback } from 'react';

/**
 * Whether the caller's page is being left: the address is already another page's, whose code is still on its way.
 * A page that is being left stays drawn for so long, but address, keys and history are no longer its own.
 */
export function useIsLeft(): () => boolean {
  const router = useRouter();
  const own = useMatch({ strict: false, shouldThrow: false, select: (match) => match.routeId });
  return useCallback(
    () => !router.getMatchedRoutes(router.latestLocation.pathname)[0].some(({ id }) => id === own),
    [router, own],
  );
}

/** Takes back the steps to a page that is being opened: the one that is drawn stays, with its address. */
export function useStay(): () => void {
  const router = useRouter();
  return useCallback(() => {
    const drawn = router.stores.resolvedLocation.get();
    if (!drawn) return;
    const steps = drawn.state.__TSR_index - router.latestLocation.state.__TSR_index;
    if (steps < 0) router.history.go(steps);
  }, [router]);
}

/**
 * Changes parts of the address of the caller's page; undefined takes one out. `isStep`: worth a step of the browser's
 * history. Of a page that is being left nothing is changed: it would be opened again.
 */
export function useSearchChange<Search extends object>(): (
  change: Partial<Search>,
  isStep?: boolean,
) => void {
  const navigate = useNavigate();
  const isLeft = useIsLeft();
  return useCallback(
    (change, isStep = false) => {
      if (isLeft()) return;
      void navigate({ to: '.', search: (now: object) => ({ ...now, ...change }), replace: !isStep });
    },
    [navigate, isLeft],
  );
}
