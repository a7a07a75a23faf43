/** The platforms that have a package with the engine, and what each asks of the system. */
export const platforms: Readonly<Record<string, string>> = {
  'linux-x64': 'glibc 2.34 or later',
  'linux-arm64': 'glibc 2.34 or later',
  'darwin-arm64': 'macOS 14 or later',
};

/** The package that holds the engine for a platform. */
export function platformPackage(platform: string): string {
  return `@mlx/core-${platform}`;
}

/** What this process runs on: the name of its platform. */
export function thisPlatform(): string {
  return `${process.platform}-${process.arch}`;
}
