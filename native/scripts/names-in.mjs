// The names in a C++ file, read from its text. It is no parser: it may find a name too many, which
// costs nothing but a smaller group of files.

/**
 * Returns what `text` declares for itself (`own`), in unnamed namespaces, in those of Highway's
 * instruction sets or as static, and every name that it says (`said`): one that comes from a header
 * may mean something else beside another file's own.
 */
export function namesIn(text) {
  const code = withoutTexts(text);
  const own = new Set();
  const said = new Set(Array.from(code.matchAll(/(?<![\w.:]|->)[a-zA-Z_]\w*/g), ([name]) => name));
  const namespaces = [];
  let depth = 0;
  let statement = '';
  let isPlainEnum = false;
  const finish = () => {
    const isOwn = namespaces.some(isPrivate) || /^\s*static\b/.test(statement);
    // What only gives another's name, or names, a shorter form.
    const isAlias = /^\s*(namespace\b|using\s[^=]*$)/.test(statement);
    if (isOwn && !isAlias) for (const name of namesOf(statement)) own.add(name);
    // Its enumerators are names beside its own.
    isPlainEnum = isOwn && /^\s*enum\s+(?!class\b|struct\b)/.test(statement);
    statement = '';
  };
  for (const [token] of code.matchAll(/[{};]|[^{};]+/g)) {
    if (depth > 0) {
      depth += { '{': 1, '}': -1 }[token] ?? 0;
      if (isPlainEnum) for (const [name] of token.matchAll(/(?<=^\s*|,\s*)\w+/g)) own.add(name);
    } else if (token === '{') {
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

function isPrivate(namespace) {
  return namespace === '' || namespace.endsWith('HWY_NAMESPACE');
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
  const head = withoutTemplateHeads(statement).replace(/\balignas\([^)]*\)/g, ' ');
  const type = head.match(/\b(?:struct|class|union|enum(?:\s+class)?|using|concept)\s+(\w+)/);
  if (type !== null) return [type[1]];
  const declarators = head.split(/\(|=/)[0].match(/(\w+)(?:\[[^\]]*\])*\s*$/);
  const further = [...head.matchAll(/,\s*(\w+)\s*=/g)].map((match) => match[1]);
  return declarators === null ? further : [declarators[1], ...further];
}

/** Without `template <...>`, of which the parameters may be templates or functions. */
function withoutTemplateHeads(statement) {
  const begin = statement.search(/\btemplate\s*</);
  if (begin < 0) return statement;
  let end = statement.indexOf('<', begin) + 1;
  for (let depth = 1; depth > 0 && end < statement.length; end += 1)
    depth += { '<': 1, '>': -1 }[statement[end]] ?? 0;
  return statement.slice(0, begin) + withoutTemplateHeads(statement.slice(end));
}
