/** Colours by name, for pages of light and of dark background. */
const style = `<style>
  :root { --page: #ffffff; --ink: #334155; --grid: #e2e8f0; --line: #2563eb; }
  @media (prefers-color-scheme: dark) {
    :root { --page: #0f172a; --ink: #cbd5e1; --grid: #334155; --line: #60a5fa; }
  }
  svg { background: var(--page); font: 13px Helvetica, Arial, sans-serif; }
  text { fill: var(--ink); text-anchor: middle; }
  .title { font-size: 16px; }
  .left-of { text-anchor: end; }
  .grid { stroke: var(--grid); }
  .line { stroke: var(--line); fill: none; }
</style>`;

export function svg(width: number, height: number, parts: string[]): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}">\n${style}\n` +
    `<rect width="100%" height="100%" style="fill:var(--page)"/>\n${parts.join('\n')}\n</svg>\n`
  );
}

export function text(x: number, y: number, content: string, className = ''): string {
  return `<text x="${x}" y="${y}" class="${className}">${content}</text>`;
}

export function gridLine(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" class="grid"/>`;
}
