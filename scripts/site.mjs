// The site of the documentation: API pages and guides by TypeDoc, into docs/api, with all links inside
// it checked. The pages are made of the built declarations, in which every overload, constructor and
// method has its text (scripts/document-declarations.mjs). --screenshots adds pictures of some pages in headless Chromium (`chromium` in the path, or
// CHROMIUM), wide and narrow, light and dark, to docs/api/screenshots.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { capture, root, run, tool } from './run.mjs';

const site = join(root, 'docs', 'api');
buildSite();
checkLinks();
if (process.argv.includes('--screenshots')) takeScreenshots();

/** The README is the first page; folders, which a site has none of, are links to the repository. */
function buildSite() {
  const { repository } = JSON.parse(readFileSync(join(root, 'packages/core/package.json'), 'utf8'));
  const folders = `${repository.url.replace(/^git\+|\.git$/g, '')}/tree/main`;
  const text = readFileSync(join(root, 'README.md'), 'utf8')
    .replace(/^# .*\n/, '')
    .replace(/\]\((?!https?:)([\w/.-]+)\)/g, (link, path) =>
      statSync(join(root, path)).isDirectory() ? `](${folders}/${path})` : link,
    );
  // Its links are relative to the place where it stands.
  const page = join(root, '.site-readme.md');
  writeFileSync(page, text);
  try {
    run([tool('typedoc'), '--readme', page]);
  } finally {
    rmSync(page);
  }
}

function pagesBelow(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.html'))
    .map((name) => join(folder, name));
}

function checkLinks() {
  const pages = pagesBelow(site);
  const anchors = new Map();
  const anchorsOf = (page) => {
    if (!anchors.has(page))
      anchors.set(
        page,
        new Set([...readFileSync(page, 'utf8').matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id)),
      );
    return anchors.get(page);
  };
  const broken = new Set();
  for (const page of pages)
    for (const [, target] of readFileSync(page, 'utf8').matchAll(/<a [^>]*?href="([^"]+)"/g)) {
      if (/^(https?|mailto|data):/.test(target)) continue;
      const [path, anchor] = decodeURI(target.replaceAll('&amp;', '&')).split('#');
      const file = path === '' ? page : join(dirname(page), path);
      const isThere =
        existsSync(file) && (!anchor || !file.endsWith('.html') || anchorsOf(file).has(anchor));
      if (!isThere) broken.add(`${relative(site, page)}: ${target}`);
    }
  for (const link of broken) console.error(`broken link: ${link}`);
  console.log(`site: ${pages.length} pages, ${broken.size} broken links`);
  if (broken.size > 0) process.exitCode = 1;
}

function takeScreenshots() {
  const chromium = process.env.CHROMIUM ?? 'chromium';
  const folder = join(site, 'screenshots');
  mkdirSync(folder, { recursive: true });
  const shown = {
    start: 'index.html',
    guide: pagesBelow(site).find((page) => /quick[-_]start\.html$/i.test(page)),
    api: pagesBelow(site).find((page) => /classes\/.*optimizers\.Adam\.html$/.test(page)),
  };
  for (const [name, page] of Object.entries(shown))
    for (const [width, size] of [
      ['wide', '1280,900'],
      ['narrow', '500,900'],
    ])
      for (const [theme, ...features] of [
        ['light'],
        ['dark', '--force-dark-mode', '--blink-settings=preferredColorScheme=0'],
      ]) {
        const file = join(folder, `${name}-${width}-${theme}.png`);
        const url = `file://${page.startsWith('/') ? page : join(site, page)}`;
        const flags = [
          '--headless',
          '--no-sandbox',
          '--hide-scrollbars',
          '--disable-gpu',
          '--virtual-time-budget=3000',
        ];
        const command = [chromium, ...flags, ...features, `--window-size=${size}`];
        const { status, output } = capture([...command, `--screenshot=${file}`, url]);
        if (status !== 0) throw new Error(output);
        console.log(relative(root, file));
      }
}
