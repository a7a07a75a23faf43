import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesIn } from './names-in.mjs';

const ownIn = (text) => [...namesIn(text).own].sort();

test('names in unnamed namespaces are own, whatever they are declared as', () => {
  const text = `
    namespace mlx::core {
    namespace {
    struct Plan { int length; void run(); };
    enum class Kind : uint8_t { one, two };
    enum Order { less, greater = 4, };
    using Row = std::vector<int>;
    constexpr int kIn = 0, kOut = 1;
    alignas(64) float table[4][2] = {{1, 2}};
    int64_t magnitude(int64_t stride) { int inside = 3; return inside; }
    }
    int shared(int value) { return value; }
    }`;
  assert.deepEqual(
    ownIn(text),
    ['Kind', 'Order', 'Plan', 'Row', 'greater', 'kIn', 'kOut', 'less', 'magnitude', 'table'].sort(),
  );
});

test('static functions and those of one instruction set are own', () => {
  assert.deepEqual(ownIn('static int count() { return 1; }'), ['count']);
  const kernel = 'namespace mlx::core { namespace HWY_NAMESPACE { void scale(float* x) {} } }';
  assert.deepEqual(ownIn(kernel), ['scale']);
  assert.deepEqual(ownIn('namespace mlx::core::HWY_NAMESPACE { struct Tile {}; }'), ['Tile']);
});

test('templates are named after what follows their parameters', () => {
  const text = `namespace {
    template <napi_value (*body)(Call&)> napi_value guarded(Call& call) { return body(call); }
    template <typename T, template <typename> class C = std::vector> struct Rows {};
  }`;
  assert.deepEqual(ownIn(text), ['Rows', 'guarded']);
});

test('a shorter form of a name from elsewhere is not own', () => {
  const text = `namespace {
    using namespace zip;
    using core::Dtype;
    namespace hn = hwy::HWY_NAMESPACE;
  }`;
  assert.deepEqual(ownIn(text), []);
});

test('members and qualified names are not said, nor what texts and comments hold', () => {
  const { said } = namesIn(`
    #include "merge.h"
    // trim it
    int length = plan.rows + plan->columns + kernel::width + 'w'; /* and pad */
    const char* text = "split";
    const char* raw = R"(join)";`);
  for (const name of ['length', 'plan', 'kernel', 'text']) assert.ok(said.has(name), name);
  for (const name of ['rows', 'columns', 'width', 'w', 'split', 'join', 'trim', 'pad', 'merge'])
    assert.ok(!said.has(name), name);
});
