// Prints the losses of one of the examples as JSON, for the check of curves.
import { isFirst } from './data-parallel';
import { learnDigits } from './digits';
import { learnSpeeches } from './speeches';

const [name, steps] = process.argv.slice(2);
const losses = (name === 'digits' ? learnDigits : learnSpeeches)(Number(steps));
if (isFirst) console.log(`losses ${JSON.stringify(losses)}`);
