#!/usr/bin/env node
// Here before anything is built, so that package managers can link it.
require('../dist/launch/cli.js');
