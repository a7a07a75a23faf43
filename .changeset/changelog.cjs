// Change logs: each change with its commit, and one line for all dependencies that moved.
const { default: standard } = require('@changesets/cli/changelog');

module.exports = {
  getReleaseLine: standard.getReleaseLine,
  async getDependencyReleaseLine(_changesets, dependencies) {
    if (dependencies.length === 0) return '';
    const names = dependencies.map(({ name, newVersion }) => `${name} ${newVersion}`);
    return `- Updated dependencies: ${names.join(', ')}`;
  },
};
