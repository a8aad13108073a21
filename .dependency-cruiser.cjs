/** The import rules of the TypeScript packages. The server's own are in server/pyproject.toml. */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Data goes one way. A type of the other side is no dependency when it runs.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'captures-never-send',
      comment: 'A capture is given what it needs; index.ts wires it to the queue.',
      severity: 'error',
      from: { path: '^sdk/browser/src/capture/' },
      to: { path: '^sdk/browser/src/send/' },
    },
    {
      name: 'captures-stand-alone',
      comment: 'One file a signal; captures do not know each other.',
      severity: 'error',
      from: { path: '^sdk/browser/src/capture/([^/]+?)\\.ts$' },
      to: { path: '^sdk/browser/src/capture/', pathNot: '^sdk/browser/src/capture/$1\\.ts$' },
    },
    {
      name: 'pages-stand-alone',
      comment: 'A page is one folder; what two pages share is a part.',
      severity: 'error',
      from: { path: '^ui/src/pages/([^/]+)/' },
      to: { path: '^ui/src/pages/', pathNot: '^ui/src/pages/$1/' },
    },
    {
      name: 'parts-know-no-page',
      severity: 'error',
      from: { path: '^ui/src/(parts|api)/' },
      to: { path: '^ui/src/pages/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
