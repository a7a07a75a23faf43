import { isFirst } from './data-parallel';
import { learnDigits } from './digits';
import { learnQuarters } from './quarters';
import { learnSpeeches } from './speeches';

const examples = { quarters: learnQuarters, digits: learnDigits, speeches: learnSpeeches };

const [name = 'quarters', steps = '200'] = process.argv.slice(2);
if (!Object.hasOwn(examples, name) || !/^[1-9]\d*$/.test(steps)) {
  console.error('usage: main.js [quarters | digits | speeches] [STEPS]');
  process.exit(2);
}
const losses = examples[name as keyof typeof examples](Number(steps));
losses.forEach((loss, i) => {
  const step = i + 1;
  if (isFirst && (step % 50 === 0 || step === losses.length))
    console.log(`step ${step}: loss ${loss.toFixed(4)}`);
});
