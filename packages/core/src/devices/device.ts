import { native } from '../addon/native';
import type { StreamCode } from '../addon/types';
import { checkCount, refuseArguments } from '../arguments/count';
import { checked, within } from '../errors/errors';
import { currentStream, openStreamScope } from '../evaluation/scope';

/** The kinds of devices. */
export type DeviceType = 'cpu' | 'gpu';

/**
 * A device that computes. There is one object for each device, so `===` compares them.
 *
 * @example
 * ```ts
 * console.log(mx.Device('cpu') === mx.cpu); // => true
 * console.log(String(mx.cpu)); // => Device(cpu, 0)
 * ```
 */
export interface Device {
  readonly type: DeviceType;
  readonly index: number;
  /** Its type and number: `Device(cpu, 0)`. */
  toString(): string;
}

interface DeviceConstructor {
  /**
   * The device of a type and number.
   *
   * @param type - the kind of device: 'cpu' or 'gpu'.
   * @param index - its number; default: 0.
   */
  new (type: DeviceType, index?: number): Device;
  /**
   * The device of a type and number.
   *
   * @param type - the kind of device: 'cpu' or 'gpu'.
   * @param index - its number; default: 0.
   */
  (type: DeviceType, index?: number): Device;
  readonly prototype: Device;
}

/** A queue of work on a device. There is one object for each stream. */
export interface Stream {
  readonly device: Device;
  readonly index: number;
  /** Its device and number: `Stream(Device(cpu, 0), 0)`. */
  toString(): string;
}

const inspect = Symbol.for('nodejs.util.inspect.custom');

class DeviceHandle implements Device {
  constructor(
    readonly type: DeviceType,
    readonly index: number,
  ) {
    Object.freeze(this);
  }

  toString(): string {
    if (!isDevice(this)) throw new TypeError('[Device.toString] Expected a device before the dot.');
    return `Device(${this.type}, ${this.index})`;
  }

  [inspect](): string {
    return this.toString();
  }
}

/** A queue of work on a device; `newStream` makes one. */
class StreamHandle implements Stream {
  constructor(
    readonly device: Device,
    readonly index: number,
  ) {
    Object.freeze(this);
  }

  toString(): string {
    if (!isStream(this)) throw new TypeError('[Stream.toString] Expected a stream before the dot.');
    return `Stream(${this.device.toString()}, ${this.index})`;
  }

  [inspect](): string {
    return this.toString();
  }
}

const devices = new Map<string, Device>();
const streams = new Map<number, Stream>();

/** Devices and streams share the integers of 32 bits when they are named to the addon. */
const mostDevices = 2 ** 29;

function makeDevice(type: DeviceType, index = 0): Device {
  checkCount(arguments.length, 2, 'Device');
  if ((type !== 'cpu' && type !== 'gpu') || !Number.isInteger(index))
    throw new TypeError("[Device] A device has a type, 'cpu' or 'gpu', and a whole number.");
  if (index < 0 || index > mostDevices)
    throw new RangeError(`[Device] Devices have numbers from 0 to ${mostDevices}, not ${index}.`);
  const name = `${type}${index}`;
  const known = devices.get(name);
  if (known !== undefined) return known;
  const device = new DeviceHandle(type, index);
  devices.set(name, device);
  return device;
}

makeDevice.prototype = DeviceHandle.prototype;
Object.defineProperty(makeDevice, 'name', { value: 'Device' });
Object.defineProperty(DeviceHandle.prototype, 'constructor', { value: makeDevice });

/** The device of a type and number (0), with and without `new`. */
export const Device = makeDevice as unknown as DeviceConstructor;

function refuseStream(): never {
  throw new TypeError('[Stream] Streams are made by newStream and defaultStream.');
}

refuseStream.prototype = StreamHandle.prototype;
Object.defineProperty(refuseStream, 'name', { value: 'Stream' });
Object.defineProperty(StreamHandle.prototype, 'constructor', { value: refuseStream });

/** The class of streams, for `instanceof`. */
export const Stream = refuseStream as unknown as {
  readonly prototype: Stream;
} & (abstract new () => Stream);

/** The processor. */
export const cpu: Device = makeDevice('cpu');
/** The first GPU, whether or not there is one: `isAvailable(mx.gpu)` tells. */
export const gpu: Device = makeDevice('gpu');

export function isDevice(value: unknown): value is Device {
  return value instanceof DeviceHandle;
}

export function isStream(value: unknown): value is Stream {
  // An object that only inherits from a stream's prototype has no number.
  return value instanceof StreamHandle && Object.hasOwn(value, 'index');
}

const deviceTypes: readonly DeviceType[] = ['cpu', 'gpu'];

/** A stream from the addon's [index, device type, device index]. */
function streamFromRecord([index, type, device]: readonly [StreamCode, number, number]): Stream {
  let stream = streams.get(index);
  if (stream === undefined) {
    stream = new StreamHandle(makeDevice(deviceTypes[type]!, device), index);
    streams.set(index, stream);
  }
  return stream;
}

function deviceCode(device: Device): StreamCode {
  return (-1 - (2 * device.index + deviceTypes.indexOf(device.type))) as StreamCode;
}

/**
 * The addon's number for a stream or device: streams count up from 0, devices down from -1.
 *
 * @param target - the stream or device.
 */
export function streamCode(target: Stream | Device): StreamCode {
  return isDevice(target) ? deviceCode(target) : (target.index as StreamCode);
}

function toDevice(device: Device | DeviceType, name: string): Device {
  if (device === 'cpu' || device === 'gpu') return makeDevice(device);
  if (isDevice(device)) return device;
  throw new TypeError(`[${name}] Expected a device, such as mx.cpu.`);
}

/**
 * The device on which operations run unless told otherwise.
 *
 * @example
 * ```ts
 * console.log(mx.isAvailable(mx.defaultDevice())); // => true
 * ```
 */
export function defaultDevice(): Device;
export function defaultDevice(...values: unknown[]): Device {
  refuseArguments(values, 'defaultDevice');
  const scoped = currentStream();
  if (scoped !== undefined) {
    return scoped < 0
      ? makeDevice(deviceTypes[(-1 - scoped) % 2]!, Math.floor((-1 - scoped) / 2))
      : streamFromRecord(checked(native.getStream(scoped))).device;
  }
  const [type, index] = checked(native.defaultDevice(), native.defaultDevice);
  return makeDevice(deviceTypes[type]!, index);
}

/**
 * Sets the device on which operations run unless told otherwise. Throws TypeError for a device
 * that isn't there.
 *
 * @param device - the device, or its kind.
 *
 * @example
 * ```ts
 * mx.setDefaultDevice(mx.cpu);
 * console.log(mx.defaultDevice() === mx.cpu); // => true
 * ```
 */
export function setDefaultDevice(device: Device | DeviceType): void {
  checkCount(arguments.length, 1, 'setDefaultDevice');
  checked(native.setDefaultDevice(deviceCode(toDevice(device, 'setDefaultDevice'))));
}

/**
 * The stream on which operations on a device run unless told otherwise.
 *
 * @param device - the device, or its kind.
 *
 * @example
 * ```ts
 * console.log(mx.defaultStream(mx.cpu).device === mx.cpu); // => true
 * ```
 */
export function defaultStream(device: Device | DeviceType): Stream {
  checkCount(arguments.length, 1, 'defaultStream');
  const code = deviceCode(toDevice(device, 'defaultStream'));
  return within('defaultStream', () => streamFromRecord(checked(native.defaultStream(code))));
}

/**
 * Sets the stream on which operations on its device run unless told otherwise.
 *
 * @param stream - the new default stream of its device.
 *
 * @example
 * ```ts
 * const before = mx.defaultStream(mx.cpu);
 * const other = mx.newStream(mx.cpu);
 * mx.setDefaultStream(other);
 * console.log(mx.defaultStream(mx.cpu) === other); // => true
 * mx.setDefaultStream(before);
 * ```
 */
export function setDefaultStream(stream: Stream): void {
  checkCount(arguments.length, 1, 'setDefaultStream');
  if (!isStream(stream)) throw new TypeError('[setDefaultStream] Expected a stream.');
  checked(native.setDefaultStream(streamCode(stream)));
}

/**
 * A new queue of work on a device.
 *
 * @param device - the device, or its kind.
 *
 * @example
 * ```ts
 * const stream = mx.newStream(mx.cpu);
 * const sum = mx.add(mx.ones([2]), 1, stream);
 * console.log(sum.tolist()); // => [ 2, 2 ]
 * ```
 */
export function newStream(device: Device | DeviceType): Stream {
  checkCount(arguments.length, 1, 'newStream');
  return streamFromRecord(checked(native.newStream(deviceCode(toDevice(device, 'newStream')))));
}

/**
 * A new queue of work for the calling thread: every stream belongs to the thread that made it, so
 * this is newStream.
 *
 * @param device - the device, or its kind.
 *
 * @example
 * ```ts
 * console.log(mx.newThreadLocalStream(mx.cpu).device === mx.cpu); // => true
 * ```
 */
export function newThreadLocalStream(device: Device | DeviceType): Stream {
  checkCount(arguments.length, 1, 'newThreadLocalStream');
  const code = deviceCode(toDevice(device, 'newThreadLocalStream'));
  return within('newThreadLocalStream', () => streamFromRecord(checked(native.newStream(code))));
}

/**
 * A new queue of work that one thread at a time may use: every stream is such a one here, so this
 * is newStream.
 *
 * @param device - the device, or its kind.
 *
 * @example
 * ```ts
 * console.log(mx.newThreadUnsafeStream(mx.cpu).device === mx.cpu); // => true
 * ```
 */
export function newThreadUnsafeStream(device: Device | DeviceType): Stream {
  checkCount(arguments.length, 1, 'newThreadUnsafeStream');
  const code = deviceCode(toDevice(device, 'newThreadUnsafeStream'));
  return within('newThreadUnsafeStream', () => streamFromRecord(checked(native.newStream(code))));
}

/**
 * Makes a stream or device the default until the result is disposed of, for the code that called
 * and what it awaits.
 *
 * @param target - the stream or device.
 *
 * @example
 * ```ts
 * const scope = mx.stream(mx.newStream(mx.cpu));
 * const total = mx.ones([4]).sum();
 * scope[Symbol.dispose]();
 * console.log(total.item()); // => 4
 * ```
 */
export function stream(target: Stream | Device): { [Symbol.dispose](): void } {
  checkCount(arguments.length, 1, 'stream');
  if (!isStream(target) && !isDevice(target))
    throw new TypeError('[stream] Expected a stream or a device.');
  if (isDevice(target) && !isAvailable(target))
    throw new TypeError(
      `[stream] ${target.toString()} is not available: ` +
        `${checked<string>(native.whyUnavailable(deviceCode(target)))}.`,
    );
  return openStreamScope(streamCode(target));
}

/**
 * Waits until all work of a stream (null: the default one) is done. Blocks this thread.
 *
 * @param target - what to wait for; default: the default stream.
 *
 * @example
 * ```ts
 * const a = mx.ones([3]);
 * mx.asyncEval(a);
 * mx.synchronize();
 * console.log(a.tolist()); // => [ 1, 1, 1 ]
 * ```
 */
export function synchronize(target: Stream | Device | null = null): void {
  checkCount(arguments.length, 1, 'synchronize');
  if (target !== null && !isStream(target) && !isDevice(target))
    throw new TypeError('[synchronize] Expected a stream, a device or null.');
  const stream = isDevice(target) ? within('synchronize', () => defaultStream(target)) : target;
  checked(native.synchronize(stream === null ? currentStream() : streamCode(stream)));
}

/**
 * Finishes and drops the streams that this thread made.
 *
 * @example
 * ```ts
 * mx.newStream(mx.cpu);
 * mx.clearStreams();
 * ```
 */
export function clearStreams(): void;
export function clearStreams(...values: unknown[]): void {
  refuseArguments(values, 'clearStreams');
  checked(native.clearStreams());
  streams.clear();
}

/**
 * How many devices of a type there are.
 *
 * @param type - the kind of devices: 'cpu' or 'gpu'.
 *
 * @example
 * ```ts
 * console.log(mx.deviceCount('cpu')); // => 1
 * ```
 */
export function deviceCount(type: DeviceType): number {
  checkCount(arguments.length, 1, 'deviceCount');
  return checked(native.deviceCount(deviceCode(toDevice(type, 'deviceCount'))));
}

/**
 * Whether a device can be used.
 *
 * @param device - the device, or its kind.
 *
 * @example
 * ```ts
 * console.log(mx.isAvailable(mx.cpu)); // => true
 * ```
 */
export function isAvailable(device: Device | DeviceType): boolean {
  checkCount(arguments.length, 1, 'isAvailable');
  return checked(native.isDeviceAvailable(deviceCode(toDevice(device, 'isAvailable'))));
}

/**
 * Facts about a device (null: the default one): its name, architecture and memory in bytes.
 *
 * @param device - the device, or its kind; default: the default device.
 *
 * @example
 * ```ts
 * console.log(typeof mx.deviceInfo(mx.cpu).memory_size); // => number
 * ```
 */
export function deviceInfo(device: Device | DeviceType | null = null): {
  readonly [fact: string]: string | number;
} {
  checkCount(arguments.length, 1, 'deviceInfo');
  const chosen = device === null ? defaultDevice() : toDevice(device, 'deviceInfo');
  const facts = checked(native.deviceInfo(deviceCode(chosen)));
  return Object.fromEntries(facts);
}
