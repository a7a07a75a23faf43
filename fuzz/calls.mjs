// The kind `calls`: one call of an exported function, class, method or getter.
import { Values } from './values.mjs';

/**
 * A program: statements, each with simpler ones that may take its place, and the names that an
 * error of it may begin with (none: any).
 */
export function makeCall(random, { targets }) {
  // First what is exported, then what it has: a class of many methods counts once.
  const target = random.pick(random.pick(targets));
  const values = new Values(random);
  const statements = [];
  const define = (name, text) => {
    statements.push({ text: `const ${name} = ${text};`, simpler: simplerDefinitions(name, text) });
    return name;
  };
  const given = (parameters, prefix) =>
    argumentsFor(random, values, parameters).map((text, i) => define(`${prefix}${i}`, text));
  const owner = target.path.split('.').at(-1);
  const isMember = target.kind === 'method' || target.kind === 'getter';
  const label = isMember ? `${target.path}.prototype.${target.name}` : target.path;
  const names = [target.name, owner];
  // Transforms and layers are called in turn.
  const inputs = random.list(0, 2, () => values.array()).map((text, i) => define(`b${i}`, text));
  let call;
  if (!isMember) {
    const list = given(target.parameters, 'a').join(', ');
    const isNew = target.kind === 'class' && random.chance(0.9);
    call = `${isNew ? 'new ' : ''}${target.path}(${list})`;
    names.push(target.path.split('.').slice(1).join('.'));
  } else {
    const self = define('self', receiver(random, values, target));
    names.push(`${owner}.${target.name}`, `Module.${target.name}`, `Optimizer.${target.name}`);
    call =
      target.kind === 'getter'
        ? `self[${JSON.stringify(target.name)}]`
        : methodCall(random, target, self, given(target.parameters, 'a'));
  }
  if (target.path === 'mx.IndexedUpdate') names.push(`at.${target.name}`);
  if (isHook(target) || hasFunction([target.parameters, target.owner])) names.length = 0;
  statements.push({ text: `const result = ${call};`, simpler: [] });
  statements.push({
    text: `return typeof result === 'function' ? result(${inputs.join(', ')}) : result;`,
    simpler: ['return result;'],
  });
  return { label, statements, names, isHook: isHook(target) };
}

function methodCall(random, target, self, list) {
  // A method taken from its class and called on something else.
  if (random.chance(0.03) && !isHook(target))
    return `${target.path}.prototype.${target.name}.call(${[random.pick(['{}', 'null', '1', 'Object.create(self)', '[1, 2]']), ...list].join(', ')})`;
  return `${self}.${target.name}(${list.join(', ')})`;
}

function receiver(random, values, target) {
  if (target.path === 'mx.array')
    return random.chance(0.98)
      ? values.array()
      : '(() => { const a = mx.array([1]); mx.dispose(a); return a; })()';
  // Only calls make them.
  if (target.path === 'mx.distributed.Group') return 'mx.distributed.init()';
  const list = argumentsFor(random, new Values(random, 0), target.owner);
  return `new ${target.path}(${list.join(', ')})`;
}

/** Arguments for one of the overloads; sometimes too few or too many. */
function argumentsFor(random, values, overloads) {
  if (overloads.length === 0) return random.list(0, 3, () => values.any());
  const list = [];
  for (const { kind, optional, rest } of random.pick(overloads)) {
    if (rest) {
      list.push(...random.list(0, 3, () => values.of(kind)));
      continue;
    }
    if (optional && random.chance(0.4)) break;
    list.push(values.of(kind));
  }
  if (random.chance(0.02)) list.pop();
  if (random.chance(0.03)) list.push(values.any());
  return list;
}

/** What classes call themselves, with what they have checked: their calls name its errors. */
function isHook({ kind, name }) {
  return kind === 'method' && ['activate', 'applySingle', 'initSingle', 'extraRepr'].includes(name);
}

function hasFunction(overloads) {
  return /"function"/.test(JSON.stringify(overloads));
}

function simplerDefinitions(name, text) {
  const candidates = ['undefined', '1', '[1, 2]', 'mx.array([1, 2])', 'mx.ones([2, 3])', '{}'];
  return candidates
    .filter((one) => one.length < text.length)
    .map((one) => `const ${name} = ${one};`);
}
