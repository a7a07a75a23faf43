import { native } from '../addon/native';
import { refuseArguments } from '../arguments/count';
import { integer, nullable, optional, type Kind } from '../arguments/kinds';
import { reader } from '../arguments/reader';
import { checkReceivers } from '../arguments/receivers';
import { checked, within } from '../errors/errors';

/** Processes that work together. There is one object for each group in a thread. */
export interface Group {
  /** This process's number in the group, from 0. */
  rank(): number;
  /** How many processes the group has. */
  size(): number;
  /**
   * The processes that give the same color, in the order of their keys, or of their ranks where
   * the key is negative. All processes of the group have to call it. Throws EngineError in a group
   * of one.
   *
   * @param color - which of the new groups this process joins.
   * @param key - its place there; default: -1, by rank.
   */
  split(color: number, key?: number): Group;
  split(color: number, options: { key?: number }): Group;
  /** Its rank and size: `Group(rank=0, size=1)`. */
  toString(): string;
}

const inspect = Symbol.for('nodejs.util.inspect.custom');

const readSplit = reader('distributed.Group.split', {
  color: integer,
  key: optional(integer, -1),
});

class GroupHandle implements Group {
  static {
    const { prototype } = this;
    checkReceivers({ name: 'distributed.Group', prototype }, (value) => isGroup(value), 'a group');
  }

  /** The addon's number of the group. */
  readonly #number: number;

  constructor(number: number) {
    this.#number = number;
  }

  rank(...values: unknown[]): number {
    refuseArguments(values, 'distributed.Group.rank');
    return checked(native.distributedRank(this.#number));
  }

  size(...values: unknown[]): number {
    refuseArguments(values, 'distributed.Group.size');
    return checked(native.distributedSize(this.#number));
  }

  split(...values: unknown[]): Group {
    const { color, key } = readSplit(values);
    return within('distributed.Group.split', () =>
      groupFromNumber(checked(native.distributedSplit(this.#number, color | 0, key | 0))),
    );
  }

  toString(): string {
    return `Group(rank=${this.rank()}, size=${this.size()})`;
  }

  [inspect](): string {
    return this.toString();
  }

  static isGroup(value: unknown): value is GroupHandle {
    return typeof value === 'object' && value !== null && #number in value;
  }

  static numberOf(group: GroupHandle): number {
    return group.#number;
  }
}

function isGroup(value: unknown): value is GroupHandle {
  return GroupHandle.isGroup(value);
}

const groups = new Map<number, Group>();

export function groupFromNumber(number: number): Group {
  let group = groups.get(number);
  if (group === undefined) groups.set(number, (group = new GroupHandle(number)));
  return group;
}

function refuseGroup(): never {
  throw new TypeError('[distributed.Group] Groups are made by distributed.init and split.');
}

refuseGroup.prototype = GroupHandle.prototype;
Object.defineProperty(refuseGroup, 'name', { value: 'Group' });
Object.defineProperty(GroupHandle.prototype, 'constructor', { value: refuseGroup });

/** The class of groups, for `instanceof`. */
export const Group = refuseGroup as unknown as {
  readonly prototype: Group;
} & (abstract new () => Group);

/** The parameter of operations in a group; the function gets the addon's number, null for init's. */
export const group: Kind<number | null> = optional(
  nullable({
    text: 'a distributed.Group',
    fits: isGroup,
    read: (value: unknown) => GroupHandle.numberOf(value as GroupHandle),
  } satisfies Kind<number>),
  null,
);
