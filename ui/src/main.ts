import '@fontsource-variable/inter/standard.css';
import '@fontsource-variable/jetbrains-mono/index.css';
import './mantine.css';
import './tokens.css';
import { askFirst } from './first_questions.ts';
import { createQueries } from './queries.ts';

/** The questions go out before React, the router and the page's code are there: the server answers meanwhile. */
const queries = createQueries();
askFirst(queries, window.location);
void import('./app.tsx').then(({ start }) => start(queries));
