import type { ReactNode } from 'react';

/** One thing that has to be so for a session and its traces to find each other. */
export interface Check {
  id: string;
  /** `unknown`: nothing was seen that could tell. */
  state: 'ok' | 'fault' | 'unknown';
  /** What has to be so; of a fault, what is instead. */
  title: string;
  found: ReactNode;
  /** What to do about a fault. */
  remedy?: ReactNode;
  /** The part of docs/troubleshooting.md. */
  section: string;
}
