/** The code of each page, by itself: loaded when it is opened. */
export const PAGES = {
  answers: () => import('./pages/answers/AnswersPage.tsx'),
  diptych: () => import('./pages/diptych/DiptychPage.tsx'),
  docs: () => import('./pages/docs/DocPage.tsx'),
  evaluations: () => import('./pages/evaluations/EvaluationsPage.tsx'),
  overview: () => import('./pages/overview/OverviewPage.tsx'),
  session: () => import('./pages/session/SessionPage.tsx'),
  sessions: () => import('./pages/sessions/SessionsPage.tsx'),
  settings: () => import('./pages/settings/SettingsPage.tsx'),
  signIn: () => import('./pages/sign-in/SignInPage.tsx'),
  spans: () => import('./pages/spans/SpansPage.tsx'),
  trace: () => import('./pages/trace/TracePage.tsx'),
  traces: () => import('./pages/traces/TracesPage.tsx'),
};
