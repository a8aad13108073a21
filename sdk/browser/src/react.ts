/**
 * `@diptych/browser/react`: views by the routes of any React router, and an error boundary.
 *
 *     diptych.init({ …, plugins: [reactPlugin({ router: true })] });
 *     function Root() { useRouterView(useMatches()); return <ErrorBoundary fallback={<Sorry />}><Outlet /></ErrorBoundary>; }
 */
import { Component, type ErrorInfo, type ReactNode, useInsertionEffect } from 'react';
import type { ViewOptions } from './capture/view.js';
import { diptych } from './index.js';
import type { Plugin } from './plugin.js';

export interface ReactPluginOptions {
  /** Views come from `useRouterView` or `useView`, no longer from changes of the address. Default false. */
  router?: boolean;
}

/** Says whether the router names the views. */
export function reactPlugin({ router = false }: ReactPluginOptions = {}): Plugin {
  return {
    name: 'react',
    onInit({ initConfiguration }) {
      if (router) initConfiguration.trackViewsManually = true;
    },
  };
}

/** An effect may run twice for one route: what has been begun already is not begun again. */
let begun: string | undefined;

/** A view of this name begins when the name, or the path of the page, becomes another; nothing while it is undefined. */
export function useView(name: string | undefined, options?: Omit<ViewOptions, 'name'>): void {
  useViewAt(name, undefined, options);
}

function useViewAt(
  name: string | undefined,
  path = typeof location === 'object' ? location.pathname : '',
  options?: Omit<ViewOptions, 'name'>,
): void {
  // Before componentDidCatch of this very commit: what a new route throws belongs to its own view.
  useInsertionEffect(() => {
    const key = `${name} ${path}`;
    if (name === undefined || key === begun) return;
    begun = key;
    diptych.startView({ ...options, name });
  }, [name, path, options]);
}

/** One matched route: of TanStack Router (`fullPath`), or of React Router (`route.path`, from `matchRoutes`). */
export interface RouteMatch {
  fullPath?: string;
  /** The path of the page, as far as this route has matched it. */
  pathname?: string;
  route?: { path?: string | undefined; index?: boolean };
}

/** The pattern of the deepest match, such as `/users/:id` or `/users/$id`: one view name for all users. */
export function viewNameOf(matches: readonly RouteMatch[] | null | undefined): string | undefined {
  const last = matches?.[matches.length - 1];
  if (!matches || !last) return undefined;
  if (last.fullPath !== undefined) return last.fullPath || '/';
  const parts = matches.map(({ route }) => route?.path ?? '').filter(Boolean);
  // A path that begins with a slash is absolute, also below others.
  const from = Math.max(0, parts.map((part) => part.startsWith('/')).lastIndexOf(true));
  return `/${parts.slice(from).join('/')}`.replace(/\/{2,}/g, '/');
}

/**
 * Views by what a router says it has matched. The path is the router's too: that of the page is another already while
 * the next route is being loaded.
 */
export function useRouterView(matches: readonly RouteMatch[] | null | undefined): void {
  useViewAt(viewNameOf(matches), matches?.[matches.length - 1]?.pathname);
}

/** What an error boundary reports React 19 tells its root as well. */
const reported = new WeakSet<Error>();

/**
 * Reports an error with the components in which it happened, each error once; fits React 19's `onCaughtError` and
 * `onUncaughtError`.
 */
export function addReactError(error: unknown, info?: { componentStack?: string | null }): void {
  if (error instanceof Error) {
    if (reported.has(error)) return;
    reported.add(error);
    if (Object.isExtensible(error))
      Object.assign(error, { dip_component_stack: info?.componentStack ?? undefined });
  }
  diptych.addError(error, { framework: 'react' });
}

export interface ErrorBoundaryProps {
  children?: ReactNode;
  /** What is shown in place of the children, or a function that makes it. */
  fallback: ReactNode | ((caught: { error: unknown; resetError: () => void }) => ReactNode);
  onError?: (error: unknown, info: ErrorInfo) => void;
}

/** Reports what its children throw while they render, and shows the fallback. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { error?: unknown; isBroken: boolean }> {
  override state: { error?: unknown; isBroken: boolean } = { isBroken: false };

  static getDerivedStateFromError(error: unknown): { error: unknown; isBroken: boolean } {
    return { error, isBroken: true };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    addReactError(error, info);
    this.props.onError?.(error, info);
  }

  override render(): ReactNode {
    const { fallback, children } = this.props;
    const { error, isBroken } = this.state;
    if (!isBroken) return children;
    const resetError = (): void => this.setState({ isBroken: false });
    return typeof fallback === 'function' ? fallback({ error, resetError }) : fallback;
  }
}
