// Builds the engine, the addon and the packages.
import { turbo } from './run.mjs';

turbo('build');
