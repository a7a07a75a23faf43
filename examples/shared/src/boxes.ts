/** A place in a picture, in pixels, and how sure a network is of what it found there. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
  score: number;
}

/** The share that two boxes have in common of what they cover together. */
function overlap(a: Box, b: Box): number {
  const across = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const down = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  const both = Math.max(across, 0) * Math.max(down, 0);
  return both / (a.width * a.height + b.width * b.height - both);
}

/** The surest boxes, without those that mostly cover a surer one. */
export function withoutRepeats(boxes: readonly Box[], mostOverlap: number): Box[] {
  const kept: Box[] = [];
  for (const box of [...boxes].sort((a, b) => b.score - a.score))
    if (kept.every((other) => overlap(box, other) < mostOverlap)) kept.push(box);
  return kept;
}
