export { Adam } from './adam';
export {
  Optimizer,
  type ArrayTree,
  type ParameterState,
  type Schedule,
  type Updatable,
} from './optimizer';
export { SGD } from './sgd';
