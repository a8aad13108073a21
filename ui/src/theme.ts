import {
  ActionIcon,
  Button,
  type CSSVariablesResolver,
  createTheme,
  Drawer,
  type MantineColorsTuple,
  Menu,
  Portal,
  SegmentedControl,
  Tabs,
  Tooltip,
} from '@mantine/core';
import styles from './mantine.module.css';

/** Warm greys; 0 is the lightest. */
const grey: MantineColorsTuple = [
  '#fbfaf7',
  '#f6f6f4',
  '#f1f0ec',
  '#e6e5e0',
  '#d3d1ca',
  '#b5b3ab',
  '#96948c',
  '#6b6a64',
  '#4a4945',
  '#1b1b1a',
];

/** The dark scheme's greys in Mantine's order: 0 is text, 7 is the page. */
const dark: MantineColorsTuple = [
  '#ecebe6',
  '#d3d1ca',
  '#96948c',
  '#73726c',
  '#383734',
  '#2c2b29',
  '#242422',
  '#1c1c1b',
  '#141413',
  '#0e0e0d',
];

/** Terracotta: the person. */
const person: MantineColorsTuple = [
  '#f7e9e1',
  '#f0d6c8',
  '#e9bfa8',
  '#e3a583',
  '#e08a5f',
  '#cf7244',
  '#b4552d',
  '#954524',
  '#77371d',
  '#33241c',
];

/** Blue: the machine. */
const machine: MantineColorsTuple = [
  '#e6ebf6',
  '#d0d9ef',
  '#b0bfe5',
  '#8fa8e3',
  '#6c86c9',
  '#5370b3',
  '#3d5a9e',
  '#324b85',
  '#283c6b',
  '#1f2637',
];

/**
 * Every colour of the interface by what it means, per scheme; used in CSS as `var(--dip-…)`. Each has a contrast of
 * 4.5 : 1 or more on the panel, on the page, on its own tint, and ink and mute on every ground (WCAG 2.1, 1.4.3).
 */
const LIGHT = {
  bg: '#f6f6f4',
  panel: '#ffffff',
  ink: '#1b1b1a',
  mute: '#6b6a64',
  line: '#e6e5e0',
  soft: '#f1f0ec',
  person: '#a64d28',
  'person-soft': '#f7e9e1',
  machine: '#3d5a9e',
  'machine-soft': '#e6ebf6',
  ok: '#38734a',
  warn: '#85560c',
  bad: '#b3302f',
};

const DARK: typeof LIGHT = {
  bg: '#141413',
  panel: '#1c1c1b',
  ink: '#ecebe6',
  mute: '#9c9a92',
  line: '#2c2b29',
  soft: '#242422',
  person: '#e08a5f',
  'person-soft': '#33241c',
  machine: '#8fa8e3',
  'machine-soft': '#1f2637',
  ok: '#7fbf8c',
  warn: '#dba94c',
  bad: '#e77b78',
};

function asVariables(colours: typeof LIGHT): Record<string, string> {
  return {
    ...Object.fromEntries(Object.entries(colours).map(([name, value]) => [`--dip-${name}`, value])),
    '--mantine-color-body': colours.bg,
    '--mantine-color-text': colours.ink,
    '--mantine-color-dimmed': colours.mute,
    '--mantine-color-default': colours.panel,
    '--mantine-color-default-hover': colours.soft,
    '--mantine-color-default-color': colours.ink,
    '--mantine-color-default-border': colours.line,
    '--mantine-color-error': colours.bad,
    '--mantine-color-anchor': colours.machine,
    '--mantine-primary-color-filled': colours.ink,
    '--mantine-primary-color-filled-hover': colours.mute,
    '--mantine-primary-color-contrast': colours.panel,
  };
}

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: asVariables(LIGHT),
  dark: asVariables(DARK),
});

export const theme = createTheme({
  colors: { gray: grey, dark, person, machine },
  primaryColor: 'gray',
  primaryShade: { light: 9, dark: 2 },
  fontFamily: '"Inter Variable", Inter, system-ui, sans-serif',
  fontFamilyMonospace: '"JetBrains Mono Variable", "JetBrains Mono", ui-monospace, monospace',
  fontSizes: { xs: '11.5px', sm: '12px', md: '13px', lg: '14.5px', xl: '16px' },
  lineHeights: { xs: '1.4', sm: '1.4', md: '1.45', lg: '1.4', xl: '1.3' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  radius: { xs: '4px', sm: '5px', md: '7px', lg: '8px', xl: '10px' },
  defaultRadius: 'md',
  headings: { fontWeight: '600' },
  shadows: { md: '0 4px 16px rgb(0 0 0 / 8%)' },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Button: Button.extend({
      defaultProps: { variant: 'default', size: 'compact-md' },
      classNames: { root: styles.button ?? '' },
      vars: (_, { variant }) => ({
        root: variant === 'filled' ? { '--button-color': 'var(--dip-panel)' } : {},
      }),
    }),
    ActionIcon: ActionIcon.extend({
      defaultProps: { variant: 'subtle', color: 'gray' },
      vars: (_, { variant }) => ({
        root: { '--ai-color': variant === 'filled' ? 'var(--dip-panel)' : 'var(--dip-mute)' },
      }),
    }),
    Drawer: Drawer.extend({
      defaultProps: {
        overlayProps: { backgroundOpacity: 0.25 },
        closeButtonProps: { 'aria-label': 'Close' },
      },
      classNames: {
        inner: styles.drawerInner ?? '',
        content: styles.drawer ?? '',
        header: styles.drawer ?? '',
      },
    }),
    SegmentedControl: SegmentedControl.extend({
      classNames: {
        root: styles.segments ?? '',
        indicator: styles.chosen ?? '',
        control: styles.segment ?? '',
        label: styles.segmentLabel ?? '',
      },
    }),
    Tabs: Tabs.extend({ classNames: { list: styles.tabList ?? '', tab: styles.tab ?? '' } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, fz: 'sm' } }),
    Menu: Menu.extend({
      defaultProps: {
        shadow: 'md',
        position: 'bottom-end',
        // Gone at once: until it is, and gives the focus back, the keys of the page are not heard.
        transitionProps: { duration: 0 },
        // A menu may hold nothing that is no item (WAI-ARIA): the first item has the focus instead.
        withInitialFocusPlaceholder: false,
        // A menu taller than its window is scrolled by who tabs through it, too.
        menuItemTabIndex: 0,
      },
      classNames: { item: styles.menuItem ?? '' },
    }),
    // What opens over a page belongs to its main part, as everything does that is no navigation.
    Portal: Portal.extend({ defaultProps: { target: 'main' } }),
  },
});
