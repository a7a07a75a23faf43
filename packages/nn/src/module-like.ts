import type { Kind } from '@mlx/core/calls';
import { Module } from './module';

/** A parameter that is a module. */
export const moduleLike: Kind<Module> = {
  text: 'a module',
  fits: (value) => Module.isModule(value),
};
