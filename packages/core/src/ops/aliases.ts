import { renamed } from '../errors/errors';
import { variance } from './reduce';

/** `var`, which is a reserved word: {@link variance}. */
export const varianceAsVar: typeof variance = renamed('var', variance);
