/** What recorder_library.mjs lets out of @rrweb/record for our serializer. */
import type { serializedNode } from '@rrweb/types';

declare module '@rrweb/record' {
  /** The id after the latest. */
  export function genId(): number;
  /** The prototype as the browser made it, whatever the page has put into its place. */
  export function getUntaintedPrototype(name: 'Node' | 'Element' | 'ShadowRoot'): object;
  export function isNativeShadowDom(root: Node): boolean;
  export function is2DCanvasBlank(canvas: HTMLCanvasElement): boolean;
  /** The rules of a sheet with whole addresses; null where they cannot be read. */
  export function stringifyStylesheet(sheet: CSSStyleSheet): string | null;
  /** Marks in the text of a sheet where each text node of its element begins. */
  export function markCssSplits(cssText: string, style: HTMLStyleElement): string;
  export function absolutifyURLs(cssText: string, href: string): string;
  export function getHref(of: Document): string;
  export function extractFileExtension(path: string): string | null;
  export function transformAttribute(
    of: Document,
    tag: string,
    name: string,
    value: string | null,
  ): string | null;
  export function slimDOMExcluded(node: serializedNode, rules: object): boolean;
  export function onceIframeLoaded(frame: HTMLIFrameElement, then: () => void, withinMs: number): void;
  export function onceStylesheetLoaded(link: HTMLLinkElement, then: () => void, withinMs: number): void;
}
