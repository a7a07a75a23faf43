// Every exported name of the packages, found by walking what they export, with the types that
// their declarations give the parameters. The types are plain JSON, made once and read by children.
import ts from 'typescript';
import { loadPackages } from './packages.mjs';

const mostDepth = 4;
const classNames = ['Dtype', 'Stream', 'Device', 'Complex', 'Slice', 'Module', 'Optimizer'];

/**
 * The targets of calls: { path: 'mx.linalg.svd', kind: function | class | method | getter,
 * owner, parameters }.
 */
export function findTargets() {
  const packages = loadPackages();
  const declared = new Declarations(Object.values(packages.paths));
  const targets = [];
  for (const [name, library] of Object.entries(packages.libraries))
    walk(name, library, declared.exportsOf(packages.paths[name]), declared, targets, 0);
  return targets;
}

function walk(path, holder, types, declared, targets, depth) {
  for (const key of Object.keys(holder)) {
    const value = holder[key];
    const type = types.get(key);
    const full = `${path}.${key}`;
    if (typeof value === 'function') {
      // The language itself makes the text of an error, and reads lists without end for it.
      if (value.prototype instanceof Error) continue;
      if (isClass(value)) addClass(full, value, type, declared, targets);
      else targets.push(target(full, 'function', value.name, declared.parametersOf(type, 'call')));
    } else if (isNamespace(value) && depth < 2) {
      walk(full, value, declared.propertiesOf(type), declared, targets, depth + 1);
    }
  }
}

function target(path, kind, name, parameters, owner) {
  return { path, kind, name, parameters, owner };
}

function addClass(path, value, type, declared, targets) {
  const construction = declared.parametersOf(type, 'construct');
  targets.push(target(path, 'class', value.name, construction));
  const instance = declared.instanceOf(type);
  const seen = new Set(['constructor']);
  for (let at = value.prototype; at && !isBuiltIn(at); at = Object.getPrototypeOf(at))
    for (const key of Reflect.ownKeys(at)) {
      if (typeof key !== 'string' || seen.has(key)) continue;
      seen.add(key);
      const { get, value: method } = Object.getOwnPropertyDescriptor(at, key);
      const parameters = declared.parametersOf(instance.get(key), 'call');
      if (get !== undefined || typeof method === 'function')
        targets.push(target(path, get ? 'getter' : 'method', key, parameters, construction));
    }
}

/** Classes have methods; plain functions have an empty prototype or none. */
function isClass(value) {
  const { prototype } = value;
  if (!prototype) return false;
  return (
    Object.getPrototypeOf(prototype) !== Object.prototype ||
    Object.getOwnPropertyNames(prototype).some((name) => name !== 'constructor')
  );
}

function isBuiltIn(prototype) {
  return /\[native code\]/.test(Function.prototype.toString.call(prototype.constructor));
}

function isNamespace(value) {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** The packages' declarations, as far as parameters go. */
class Declarations {
  constructor(files) {
    this.program = ts.createProgram(files, {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
      skipLibCheck: true,
      strict: true,
      lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    });
    this.checker = this.program.getTypeChecker();
  }

  exportsOf(declarations) {
    const file = this.program.getSourceFile(declarations);
    const module = this.checker.getSymbolAtLocation(file);
    return this.typesOf(this.checker.getExportsOfModule(module));
  }

  propertiesOf(type) {
    return this.typesOf(type === undefined ? [] : this.checker.getPropertiesOfType(type));
  }

  typesOf(symbols) {
    return new Map(symbols.map((symbol) => [symbol.name, this.checker.getTypeOfSymbol(symbol)]));
  }

  instanceOf(type) {
    const signature = type === undefined ? undefined : type.getConstructSignatures()[0];
    return this.propertiesOf(signature && this.checker.getReturnTypeOfSignature(signature));
  }

  /** The parameters of each overload, or nothing where no declaration tells. */
  parametersOf(type, how) {
    if (type === undefined) return [];
    const signatures = how === 'call' ? type.getCallSignatures() : type.getConstructSignatures();
    return signatures.map((signature) =>
      signature.getParameters().map((parameter) => {
        const declaration = parameter.valueDeclaration;
        const optional = declaration !== undefined && this.checker.isOptionalParameter(declaration);
        const rest = declaration?.dotDotDotToken !== undefined;
        const kind = this.kindOf(this.checker.getTypeOfSymbol(parameter), 0);
        return { kind: rest && kind.list ? kind.list : kind, optional, rest };
      }),
    );
  }

  /** What a type takes, as JSON: { is: 'number' }, { list }, { object }, { anyOf }, ... */
  kindOf(type, depth) {
    const { checker } = this;
    if (depth > mostDepth) return { is: 'any' };
    if (type.aliasSymbol?.name === 'ArrayLike') return { is: 'arrayLike' };
    if (type.isUnion()) return this.unionOf(type, depth);
    if (type.isStringLiteral() || type.isNumberLiteral()) return { literal: type.value };
    const { flags } = type;
    if (flags & ts.TypeFlags.NumberLike) return { is: 'number' };
    if (flags & ts.TypeFlags.BooleanLike) return { is: 'boolean' };
    if (flags & ts.TypeFlags.StringLike) return { is: 'string' };
    if (flags & ts.TypeFlags.BigIntLike) return { is: 'bigint' };
    if (flags & ts.TypeFlags.Null) return { is: 'null' };
    if (flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)) return { is: 'undefined' };
    const name = type.symbol?.name ?? '';
    if (name === 'MLXArray') return { is: 'array' };
    if (classNames.includes(name)) return { is: name };
    if (/^(Big)?(Int|Uint|Float)\d+(Clamped)?Array$/.test(name)) return { is: 'typedArray' };
    if (checker.isTupleType(type))
      return { tuple: checker.getTypeArguments(type).map((one) => this.kindOf(one, depth + 1)) };
    if (checker.isArrayType(type))
      return { list: this.kindOf(checker.getTypeArguments(type)[0], depth + 1) };
    if (type.getCallSignatures().length > 0) return { is: 'function' };
    if (flags & ts.TypeFlags.Object) {
      const properties = checker.getPropertiesOfType(type).slice(0, 24);
      if (properties.length === 0) return { is: 'tree' };
      const object = {};
      for (const property of properties)
        object[property.name] = this.kindOf(checker.getTypeOfSymbol(property), depth + 1);
      return { object };
    }
    return { is: 'any' };
  }

  unionOf(type, depth) {
    const kinds = type.types.map((one) => this.kindOf(one, depth + 1));
    const kept = kinds.filter(({ is }) => is !== 'undefined');
    // Whatever can stand for an array, written out.
    if (kept.some(({ is }) => is === 'array') && kept.some(({ is }) => is === 'typedArray'))
      return { is: 'arrayLike' };
    const distinct = [...new Map(kept.map((kind) => [JSON.stringify(kind), kind])).values()];
    return distinct.length === 1 ? distinct[0] : { anyOf: distinct };
  }
}
