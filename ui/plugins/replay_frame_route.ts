import type { Plugin } from 'vite';

/** In development, serves `/replay-frame` as the server does (there without its policy). */
export function replayFrameRoute(): Plugin {
  return {
    name: 'diptych:replay-frame-route',
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        if (request.url === '/replay-frame') request.url = '/replay-frame.html';
        next();
      });
    },
  };
}
