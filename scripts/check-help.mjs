// Asks TypeScript's language service what an editor shows at every exported function, method,
// constructor and call of a layer of the built packages, and fails where a description or the text
// of a parameter is missing.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './run.mjs';

const ts = createRequire(import.meta.url)('typescript');
const folder = join(root, 'packages', 'optimizers', 'src');
const file = join(folder, 'help.ts');
const packages = { mx: '@mlx/core', nn: '@mlx/nn', optim: '@mlx/optimizers' };
const imports = Object.entries(packages)
  .map(([name, from]) => `import * as ${name} from '${from}';\n`)
  .join('');

let text = imports;
let version = 0;
const options = {
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  strict: true,
  types: [],
};
const service = ts.createLanguageService({
  ...ts.sys,
  useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
  getScriptFileNames: () => [file],
  getScriptVersion: (path) => (path === file ? String(version) : '1'),
  getScriptSnapshot: (path) => {
    const content = path === file ? text : ts.sys.readFile(path);
    return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
  },
  getCurrentDirectory: () => folder,
  getCompilationSettings: () => options,
  getDefaultLibFileName: ts.getDefaultLibFilePath,
});

/** The members of this project's own that a type has: JavaScript's have texts of their own. */
function isOwn(symbol) {
  return symbol.declarations?.some((one) => one.getSourceFile().fileName.includes('/dist/'));
}

function isProtected(symbol) {
  return symbol.declarations.some(
    (one) =>
      ts.getCombinedModifierFlags(one) & (ts.ModifierFlags.Protected | ts.ModifierFlags.Private),
  );
}

/** Whether a constructor is this project's own and for everybody. */
function isPublic({ declaration }) {
  return (
    declaration?.getSourceFile().fileName.includes('/dist/') &&
    !ts.getJSDocTags(declaration).some((tag) => tag.tagName.text === 'internal')
  );
}

/** The expressions that are called somewhere: functions, methods, constructors and layers. */
function* callees() {
  const program = service.getProgram();
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const visit = function* (symbol, path, depth) {
    const type = checker.getTypeOfSymbolAtLocation(symbol, source);
    if (symbol.name.startsWith('_') || !isOwn(symbol)) return;
    if (symbol.flags & ts.SymbolFlags.Class) {
      const isAbstract = symbol.declarations.some((one) =>
        one.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.AbstractKeyword),
      );
      const declared = checker.getDeclaredTypeOfSymbol(symbol);
      const argumentsOf = declared.typeParameters?.map(() => 'any').join(', ');
      if (!isAbstract && type.getConstructSignatures().every(isPublic)) yield `new ${path}`;
      yield* visitMembers(declared, `(null! as ${argumentsOf ? `${path}<${argumentsOf}>` : path})`);
      return;
    }
    if (type.getCallSignatures().length > 0) yield path;
    else if (depth < 2 && type.flags & ts.TypeFlags.Object && !type.isClass())
      for (const member of checker.getPropertiesOfType(type))
        yield* visit(member, `${path}.${member.name}`, depth + 1);
  };
  const visitMembers = function* (type, path) {
    if (type.getCallSignatures().length > 0) yield path;
    for (const member of checker.getPropertiesOfType(type)) {
      if (/^_|^#/.test(member.name) || !isOwn(member) || isProtected(member)) continue;
      if (member.flags & (ts.SymbolFlags.Method | ts.SymbolFlags.Function))
        yield `${path}.${member.name}`;
    }
  };
  for (const [index, alias] of Object.keys(packages).entries()) {
    const module = checker.getSymbolAtLocation(source.statements[index].moduleSpecifier);
    for (const exported of checker.getExportsOfModule(module)) {
      const symbol =
        exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      if (symbol.flags & ts.SymbolFlags.Value && exported.name !== 'treeSymbol')
        yield* visit(symbol, `${alias}.${exported.name}`, 0);
    }
  }
  yield* visitMembers(
    checker.getDeclaredTypeOfSymbol(arrayClass(checker, source)),
    '(null! as mx.array)',
  );
}

function arrayClass(checker, source) {
  const core = checker.getSymbolAtLocation(source.statements[0].moduleSpecifier);
  const zeros = checker.getExportsOfModule(core).find((one) => one.name === 'zeros');
  const type = checker.getTypeOfSymbolAtLocation(zeros, source);
  return type.getCallSignatures()[0].getReturnType().symbol;
}

const shown = (parts) => ts.displayPartsToString(parts ?? []).trim();

const calls = [...callees()].map((callee) => ({ callee }));
for (const call of calls) {
  call.at = text.length + call.callee.length + 1;
  text += `${call.callee}(\n);\n`;
}
version++;

const missing = [];
let checked = 0;
for (const { callee, at } of calls) {
  const items = service.getSignatureHelpItems(file, at, undefined)?.items ?? [];
  const name = callee.replace(/^\(null! as (.*?)\)/, '$1');
  // A layer's last signature is that of any module, which knows no parameters.
  const known = /^\(null! as nn\.\w+\)$/.test(callee) ? items.slice(0, -1) : items;
  if (known.length === 0 && callee !== '(null! as nn.Module)') missing.push(`${name}: no help`);
  const gaps = new Set();
  for (const { documentation, parameters } of known) {
    checked += 1 + parameters.length;
    if (shown(documentation) === '') gaps.add('description');
    for (const parameter of parameters)
      if (shown(parameter.documentation).replace(/^-/, '') === '') gaps.add(parameter.name);
  }
  if (gaps.size > 0) missing.push(`${name}: ${[...gaps].join(', ')}`);
}
for (const line of missing) console.log(line);
console.log(`${checked} texts of ${calls.length} calls: ${missing.length} calls lack some`);
process.exitCode = missing.length === 0 ? 0 : 1;
