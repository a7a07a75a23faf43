// For which platform a binary was built, read from its first bytes.
import { closeSync, openSync, readSync } from 'node:fs';

// ELF's e_machine and Mach-O's cputype; see elf(5) and Apple's mach/machine.h.
const elfMachines = new Map([
  [62, 'x64'],
  [183, 'arm64'],
]);
const machoTypes = new Map([
  [0x01000007, 'x64'],
  [0x0100000c, 'arm64'],
]);

/** `linux-x64` and the like, or undefined for what is no binary of a known kind. */
export function binaryPlatform(file) {
  const header = Buffer.alloc(20);
  const descriptor = openSync(file, 'r');
  try {
    if (readSync(descriptor, header, 0, 20, 0) < 20) return undefined;
  } finally {
    closeSync(descriptor);
  }
  const elf = header.readUInt32BE(0) === 0x7f454c46 && elfMachines.get(header.readUInt16LE(18));
  if (elf) return `linux-${elf}`;
  const macho = header.readUInt32LE(0) === 0xfeedfacf && machoTypes.get(header.readUInt32LE(4));
  return macho ? `darwin-${macho}` : undefined;
}
