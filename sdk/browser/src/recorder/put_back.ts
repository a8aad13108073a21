/** The part of rrweb's mirror that forgets what has left the page. */
interface Mirror {
  removeNodeFromMap(node: Node): void;
}

/**
 * Keeps known what was taken out of the page and put back in the same moment.
 *
 * rrweb (2.1) forgets each node that was removed, also one that stands in its place again, and from then on leaves
 * out what is removed below it: a streamed answer that is drawn anew with each word stands in the replay once a word.
 */
export function keepPutBack(mirror: Mirror): void {
  const forget = mirror.removeNodeFromMap.bind(mirror);
  mirror.removeNodeFromMap = (node) => {
    if (!node.isConnected) forget(node);
  };
}
