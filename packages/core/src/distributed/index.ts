export { allGather, allMax, allMin, allSum, sumScatter, type GroupOptions } from './collectives';
export { Group } from './group';
export { init, isAvailable, type AllGatherBytes, type Backend, type InitOptions } from './init';
export { recv, recvLike, send } from './messages';
