// The names in a C++ file, read from its text. It is no parser: it may find a name too many, which
// costs nothing but a smaller group of files.

/**
 * Returns what `text` declares in unnamed namespaces or as static (`own`), and every name that it
 * says (`said`): one that comes from a header may mean something else beside another file's own.
 */
export function namesIn(text) {
  const code = withoutTexts(text);
  const own = new Set();
  const said = new Set(Array.from(code.matchAll(/(?<![\w.:]|->)[a-zA-Z_]\w*/g), ([name]) => name));
  const namespaces = [];
  let depth = 0;
  let statement = '';
  const finish = () => {
    const isOwn = namespaces.includes('') || /^\s*static\b/.test(statement);
    if (isOwn) for (const name of namesOf(statement)) own.add(name);
    statement = '';
  };
  for (const [token] of code.matchAll(/[{};]|[^{};]+/g)) {
    if (depth > 0) depth += { '{': 1, '}': -1 }[token] ?? 0;
    else if (token === '{') {
      const namespace = statement.match(/\bnamespace\s*([\w:]*)\s*$/);
      if (namespace === null) {
        finish();
        depth = 1;
      } else {
        namespaces.push(namespace[1]);
        statement = '';
      }
    } else if (token === '}') namespaces.pop();
    else if (token === ';') finish();
    else statement += token;
  }
  return { own, said };
}

/** Comments, preprocessor lines, strings and characters hold no declarations. */
function withoutTexts(text) {
  return text.replace(
    /\/\/.*|\/\*[^]*?\*\/|^[ \t]*#(?:.*\\\n)*.*|R"(\w*)\([^]*?\)\1"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])'/gm,
    ' ',
  );
}

/** The names of one declaration: before a parameter list, a value or the end. */
function namesOf(statement) {
  const head = statement.replace(/\btemplate\s*<[^()]*?>\s*(?=[\w:])|\balignas\([^)]*\)/g, ' ');
  const type = head.match(/\b(?:struct|class|union|enum(?:\s+class)?|using|concept)\s+(\w+)/);
  if (type !== null) return [type[1]];
  const declarators = head.split(/\(|=/)[0].match(/(\w+)(?:\[[^\]]*\])*\s*$/);
  const further = [...head.matchAll(/,\s*(\w+)\s*=/g)].map((match) => match[1]);
  return declarators === null ? further : [declarators[1], ...further];
}
