// Completes the documentation in a package's built declarations, from which editors take it. Each
// text is written once in the sources, at the first overload of a function; editors look at each
// overload, method, constructor and call signature by itself, and so all of them get it here.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const ts = createRequire(join(process.cwd(), 'package.json'))('typescript');
const folder = join(process.cwd(), 'dist');

/** What parameters of these names are wherever no text says otherwise. */
const common = {
  stream: "the stream or device that it runs on; default: the default device's default stream.",
  options: 'the parameters that are not given by position, by their names.',
};

const files = readdirSync(folder, { recursive: true })
  .filter((name) => name.endsWith('.d.ts'))
  .map((name) => {
    const path = join(folder, name);
    const text = readFileSync(path, 'utf8');
    return { path, text, source: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
  });

/** The parts of a comment: what it says, of which parameters, and what follows these. */
function readDocumentation(node) {
  const comment = node?.jsDoc?.at(-1);
  const result = { description: '', parameters: new Map(), tags: [] };
  if (comment === undefined) return result;
  result.description = ts.getTextOfJSDocComment(comment.comment) ?? '';
  for (const tag of comment.tags ?? []) {
    if (ts.isJSDocParameterTag(tag)) {
      const text = ts.getTextOfJSDocComment(tag.comment) ?? '';
      result.parameters.set(tag.name.getText(), text.replace(/^-\s*/, ''));
    } else {
      const text = ts.getTextOfJSDocComment(tag.comment) ?? '';
      // What stands in an example's first line is its title.
      const gap = tag.tagName.text === 'example' ? '\n' : ' ';
      result.tags.push(`@${tag.tagName.text}${gap}${text}`.trim());
    }
  }
  return result;
}

/** The comment of a signature: its own text where there is some, else that of another. */
function documentation(signature, other, description = '') {
  const own = readDocumentation(signature);
  const lines = [own.description || other.description || description];
  for (const { name } of signature.parameters) {
    const parameter = name.getText();
    const text =
      own.parameters.get(parameter) ??
      other.parameters.get(parameter) ??
      other.parameters.get(`_${parameter}`) ??
      common[parameter];
    if (text !== undefined) lines.push(`@param ${parameter} - ${text}`);
  }
  lines.push(...(own.tags.length > 0 ? own.tags : other.tags));
  const text = lines.filter((line) => line !== '').join('\n');
  return text === '' ? '' : `/**\n${text.replace(/^/gm, ' * ')}\n */\n`;
}

/** Signatures by the function, method or constructor that they are overloads of. */
function overloads(members) {
  const groups = new Map();
  for (const member of members) {
    const isSignature =
      ts.isFunctionDeclaration(member) ||
      ts.isMethodDeclaration(member) ||
      ts.isMethodSignature(member) ||
      ts.isConstructorDeclaration(member);
    if (!isSignature) continue;
    const name = member.name?.getText() ?? 'constructor';
    groups.set(name, [...(groups.get(name) ?? []), member]);
  }
  return groups;
}

/** Replaces the comment in front of a node, or puts one there. */
function replaceComment(edits, node, comment) {
  if (comment === '') return;
  const from = node.jsDoc?.at(-1)?.getStart() ?? node.getStart();
  edits.push({ from, to: node.getStart(), text: comment });
}

function documentMembers(edits, members, description = '', others = new Map()) {
  for (const [name, group] of overloads(members)) {
    const own = readDocumentation(group[0]);
    const first = own.description === '' ? (others.get(name) ?? own) : own;
    const fallback = name === 'constructor' || name === 'forward' ? description : '';
    for (const one of group) replaceComment(edits, one, documentation(one, first, fallback));
  }
}

function isExported(node) {
  return node.modifiers?.some((one) => one.kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

/** The functions of all files by name, for the methods that are called like them. */
const functions = new Map();
for (const { source } of files)
  for (const [name, [first]] of overloads(source.statements))
    if (isExported(first)) functions.set(name, readDocumentation(first));
functions.set('var', functions.get('variance')).set('conj', functions.get('conjugate'));

/** `sum: ReduceMethod` as methods, because editors show the texts of signatures only. */
function expandMethods(edits, source, members) {
  for (const member of members) {
    if (!ts.isPropertySignature(member) || !ts.isTypeReferenceNode(member.type)) continue;
    const kind = source.statements.find(
      (one) => ts.isInterfaceDeclaration(one) && one.name.text === member.type.typeName.getText(),
    );
    const from = functions.get(member.name.getText());
    if (kind === undefined || from === undefined) continue;
    const [argument] = member.type.typeArguments ?? [];
    const signatures = kind.members.map((signature) => {
      const text = signature.getText();
      const typed = argument ? text.replaceAll(/\bOptions\b/g, argument.getText()) : text;
      return documentation(signature, from) + member.name.getText() + typed;
    });
    edits.push({ from: member.getStart(), to: member.end, text: signatures.join('\n') });
  }
}

/** The classes of all files by name, for the methods that they inherit. */
const classes = new Map();
for (const { source } of files)
  for (const one of source.statements)
    if (ts.isClassDeclaration(one)) classes.set(one.name.text, one);

function baseOf(declaration) {
  return classes.get(declaration.heritageClauses?.[0]?.types[0]?.expression.getText());
}

/** The texts of the methods that a class overrides, by name. */
function overridden(declaration) {
  const base = baseOf(declaration);
  if (base === undefined) return new Map();
  const own = [...overloads(base.members)].map(([name, [first]]) => [
    name,
    readDocumentation(first),
  ]);
  const texts = new Map([...overridden(base), ...own.filter(([, one]) => one.description !== '')]);
  texts.delete('constructor');
  texts.delete('forward');
  return texts;
}

/** A class's own `forward`, or the one that it inherits from a class of this package. */
function forwardOf(declaration) {
  const own = declaration.members.filter(
    (one) => ts.isMethodDeclaration(one) && one.name.getText() === 'forward',
  );
  if (own.length > 0) return own;
  const base = baseOf(declaration);
  return base === undefined ? [] : forwardOf(base);
}

/** A layer's call as a signature of its own: that of any module has no texts. */
function documentCalls(edits, declaration) {
  if (declaration.modifiers.some((one) => one.kind === ts.SyntaxKind.AbstractKeyword)) return;
  const forward = forwardOf(declaration);
  if (forward.length === 0) return;
  const first = readDocumentation(forward[0]);
  const { description } = readDocumentation(declaration);
  const calls = forward.map((one) => {
    const parameters = one.parameters.map((parameter) => parameter.getText()).join(', ');
    return `${documentation(one, first, description)}(${parameters}): ${one.type.getText()};\n`;
  });
  const generics = declaration.typeParameters?.map((one) => one.getText()).join(', ');
  const name = declaration.name.text + (generics ? `<${generics}>` : '');
  const text = `\nexport interface ${name} {\n${calls.join('')}}`;
  edits.push({ from: declaration.end, to: declaration.end, text });
}

for (const { path, text, source } of files) {
  const edits = [];
  documentMembers(edits, source.statements);
  for (const statement of source.statements) {
    if (ts.isInterfaceDeclaration(statement)) {
      const isMethods = statement.name.text === 'ArrayMethods';
      documentMembers(edits, statement.members, '', isMethods ? functions : undefined);
      if (isMethods) expandMethods(edits, source, statement.members);
    } else if (ts.isClassDeclaration(statement)) {
      const { description } = readDocumentation(statement);
      documentMembers(edits, statement.members, description, overridden(statement));
      documentCalls(edits, statement);
    }
  }
  edits.sort((a, b) => b.from - a.from);
  let result = text;
  for (const edit of edits) result = result.slice(0, edit.from) + edit.text + result.slice(edit.to);
  if (result !== text) writeFileSync(path, result);
}
